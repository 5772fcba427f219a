import type { DataVersion } from '@nest-rocketmq/protocol';
import type { ConfigFile } from '../config/config-file.ts';
import { newDataVersion, nextVersion } from '../config/data-version.ts';
import { dataVersionOf, integer, member, members } from '../config/json-fields.ts';

/** How many timers a topic has, and when that last changed (TimerMetrics.Metric). */
export interface TimingCount {
  readonly count: number;
  readonly timeStamp: number;
}

/** How many messages wait for their time, by the topic they are for: `config/timermetrics` (TimerMetrics). */
export class TimerMetrics {
  readonly #file: ConfigFile;
  readonly #counts = new Map<string, { count: number; timeStamp: number }>();
  #dataVersion: DataVersion;
  #dirty = false;
  /** By how much counts have changed since a revision began; undefined while there is none. */
  #since: Map<string, number> | undefined;

  /** @param now milliseconds since the epoch */
  constructor(file: ConfigFile, now: number) {
    this.#file = file;
    this.#dataVersion = newDataVersion(now);
  }

  /** @throws RocketMQError when neither the file nor its backup can be read */
  load(): void {
    const value = this.#file.load();
    if (value === undefined) return;
    for (const [topic, entry] of members(member(value, 'timingCount'))) {
      const count = integer(member(entry, 'count'), 0);
      this.#counts.set(topic, { count, timeStamp: integer(member(entry, 'timeStamp'), 0) });
    }
    this.#dataVersion = dataVersionOf(member(value, 'dataVersion')) ?? this.#dataVersion;
  }

  add(topic: string, change: number, now: number): void {
    let entry = this.#counts.get(topic);
    if (!entry) this.#counts.set(topic, (entry = { count: 0, timeStamp: 0 }));
    entry.count += change;
    entry.timeStamp = now;
    this.#dirty = true;
    this.#since?.set(topic, (this.#since.get(topic) ?? 0) + change);
  }

  /** How many messages for a topic wait. */
  count(topic: string): number {
    return this.#counts.get(topic)?.count ?? 0;
  }

  /** The topics that have, or had, messages that wait. */
  get topics(): Iterable<string> {
    return this.#counts.keys();
  }

  /** From now on it is remembered what changes, until {@link revise}. */
  beginRevision(): void {
    this.#since = new Map();
  }

  /**
   * Sets the counts right.
   * @param counts how many waited when the revision began, by topic
   * @returns how many topics had a wrong count
   */
  revise(counts: ReadonlyMap<string, number>, now: number): number {
    let revised = 0;
    for (const [topic, entry] of this.#counts) {
      const count = (counts.get(topic) ?? 0) + (this.#since?.get(topic) ?? 0);
      if (count === entry.count) continue;
      entry.count = count;
      entry.timeStamp = now;
      this.#dirty = true;
      revised++;
    }
    this.#since = undefined;
    return revised;
  }

  /** A topic is deleted. */
  remove(topic: string): void {
    if (this.#counts.delete(topic)) this.#dirty = true;
  }

  /** What the file holds, and GET_TIMER_METRICS answers. */
  toJson(): { dataVersion: DataVersion; timingCount: ReadonlyMap<string, TimingCount> } {
    return { dataVersion: this.#dataVersion, timingCount: this.#counts };
  }

  /** Writes the file when anything changed. */
  flush(now: number): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#dataVersion = nextVersion(this.#dataVersion, now);
    this.#file.persist(this.toJson());
  }
}
