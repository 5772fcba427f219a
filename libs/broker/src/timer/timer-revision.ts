import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import { decodeRecord, javaHashCode, MessageConst } from '@nest-rocketmq/protocol';
import { TimerMagic, type MessageStore, type TimerStore, type TimerUnit } from '@nest-rocketmq/store';
import type { TimerMetrics } from './timer-metrics.ts';

/** Entries counted in one go: the loop serves clients between two goes. */
const BATCH = 5000;
const PAUSE_MS = 1;

/**
 * Counts the messages that wait anew, from the timers' files: what `timermetrics` says drifts with every crash
 * (TimerMessageStore.checkAndReviseMetrics). RocketMQ's broker leaves topics with a million messages and more as they are.
 */
export class TimerRevision {
  readonly #timers: TimerStore;
  readonly #metrics: TimerMetrics;
  readonly #store: MessageStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #next: Scheduled | undefined;

  constructor(parts: {
    timers: TimerStore;
    metrics: TimerMetrics;
    store: MessageStore;
    clock: Clock;
    logger: Logger;
  }) {
    this.#timers = parts.timers;
    this.#metrics = parts.metrics;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Counts what waits in the slot `from` and later, while nothing of that slot has been delivered; unless it is counting. */
  begin(from: number): void {
    if (this.#next) return;
    this.#metrics.beginRevision();
    this.#go(this.#timers.pending(from), new Map(), hashesOf(this.#metrics.topics));
  }

  /** Stops counting; the counts stay as they are. */
  shutdown(): void {
    this.#next?.cancel();
  }

  #go(
    units: Iterator<TimerUnit>,
    counts: Map<string, number>,
    hashes: ReadonlyMap<number, string | undefined>,
  ): void {
    this.#next = undefined;
    for (let done = 0; done < BATCH; done++) {
      const { value: unit, done: end } = units.next();
      if (end) {
        const revised = this.#metrics.revise(counts, this.#clock.now());
        if (revised > 0) this.#logger.info(`The counts of timers were wrong for ${revised} topics: revised`);
        return;
      }
      const topic = hashes.get(unit.topicHash) ?? this.#topicOf(unit, hashes);
      const change = (unit.magic & TimerMagic.DELETE) === 0 ? 1 : -1;
      if (topic !== undefined) counts.set(topic, (counts.get(topic) ?? 0) + change);
    }
    this.#next = this.#clock.schedule(PAUSE_MS, () => this.#go(units, counts, hashes));
  }

  /** Of an entry whose hash several topics have, or none. */
  #topicOf(unit: TimerUnit, hashes: ReadonlyMap<number, string | undefined>): string | undefined {
    if (!hashes.has(unit.topicHash)) return undefined;
    const bytes = this.#store.readRecord(unit.physicalOffset, unit.size);
    return bytes && decodeRecord(bytes, 0)?.property(MessageConst.PROPERTY_REAL_TOPIC);
  }
}

/** Topics by their hash, as entries name them; undefined where several have the same. */
function hashesOf(topics: Iterable<string>): Map<number, string | undefined> {
  const hashes = new Map<number, string | undefined>();
  for (const topic of topics) {
    const hash = javaHashCode(topic);
    hashes.set(hash, hashes.has(hash) ? undefined : topic);
  }
  return hashes;
}
