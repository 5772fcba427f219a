import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import { topicAtGroup } from '../topic/topic-at-group.ts';

const SAMPLE_MS = 1000;
/** Ten minutes of samples. */
const SAMPLES = 601;

interface Sample {
  at: number;
  puts: number;
  gets: number;
  misses: number;
  transferred: number;
}

/** Rates over the last 10 s, minute and ten minutes, as the runtime table gives them. */
export type Rates = readonly [number, number, number];

/** What the broker has done since it started, and how fast lately (StoreStatsService, BrokerStatsManager). */
export class BrokerStats {
  readonly #clock: Clock;
  readonly #timer: Scheduled;
  readonly #samples: Sample[] = [];
  readonly #topicPuts = new Map<string, number>();
  readonly #groupGets = new Map<string, number>();
  #previousTopicPuts = new Map<string, number>();
  #previousGroupGets = new Map<string, number>();
  #previousAt: number;
  #day: number;
  putTimes = 0;
  putBytes = 0;
  putFailures = 0;
  getTimes = 0;
  missTimes = 0;
  transferred = 0;
  /** Totals at the last midnight but one, and at the last. */
  putAtYesterdayMorning = 0;
  putAtTodayMorning = 0;
  getAtYesterdayMorning = 0;
  getAtTodayMorning = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#previousAt = clock.now();
    this.#day = localDay(clock.now());
    this.#timer = scheduleEvery(clock, SAMPLE_MS, SAMPLE_MS, () => this.#sample());
    this.#sample();
  }

  /** `count` messages of `bytes` bytes together were stored. */
  put(topic: string, count: number, bytes: number): void {
    this.putTimes += count;
    this.putBytes += bytes;
    this.#topicPuts.set(topic, (this.#topicPuts.get(topic) ?? 0) + count);
  }

  /** A message was refused. */
  putFailed(): void {
    this.putFailures++;
  }

  /** A pull was answered with `count` messages. */
  get(topic: string, group: string, count: number): void {
    this.getTimes++;
    this.transferred += count;
    const key = topicAtGroup(topic, group);
    this.#groupGets.set(key, (this.#groupGets.get(key) ?? 0) + count);
  }

  /** A pull found nothing. */
  miss(): void {
    this.missTimes++;
  }

  /** Messages per second that were stored in a topic lately. */
  topicPutTps(topic: string): number {
    return this.#lately(this.#topicPuts, this.#previousTopicPuts, topic);
  }

  /** Messages per second that a group pulled from a topic lately. */
  groupGetTps(topic: string, group: string): number {
    return this.#lately(this.#groupGets, this.#previousGroupGets, topicAtGroup(topic, group));
  }

  /** Messages stored per second. */
  putTps(): Rates {
    return this.#rates((sample) => sample.puts);
  }

  /** Pulls per second that found something. */
  getFoundTps(): Rates {
    return this.#rates((sample) => sample.gets);
  }

  /** Pulls per second that found nothing. */
  getMissTps(): Rates {
    return this.#rates((sample) => sample.misses);
  }

  /** Pulls per second. */
  getTotalTps(): Rates {
    return this.#rates((sample) => sample.gets + sample.misses);
  }

  /** Messages handed to consumers per second. */
  getTransferredTps(): Rates {
    return this.#rates((sample) => sample.transferred);
  }

  /** Stops sampling. */
  shutdown(): void {
    this.#timer.cancel();
  }

  #sample(): void {
    const now = this.#clock.now();
    this.#samples.push({
      at: now,
      puts: this.putTimes,
      gets: this.getTimes,
      misses: this.missTimes,
      transferred: this.transferred,
    });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    if (now - this.#previousAt >= 10_000) {
      this.#previousAt = now;
      this.#previousTopicPuts = new Map(this.#topicPuts);
      this.#previousGroupGets = new Map(this.#groupGets);
    }
    const day = localDay(now);
    if (day === this.#day) return;
    this.#day = day;
    this.putAtYesterdayMorning = this.putAtTodayMorning;
    this.putAtTodayMorning = this.putTimes;
    this.getAtYesterdayMorning = this.getAtTodayMorning;
    this.getAtTodayMorning = this.transferred;
  }

  #lately(counts: ReadonlyMap<string, number>, previous: ReadonlyMap<string, number>, key: string): number {
    const seconds = Math.max(1, (this.#clock.now() - this.#previousAt) / 1000);
    return ((counts.get(key) ?? 0) - (previous.get(key) ?? 0)) / seconds;
  }

  #rates(value: (sample: Sample) => number): Rates {
    return [this.#rate(value, 10), this.#rate(value, 60), this.#rate(value, 600)];
  }

  #rate(value: (sample: Sample) => number, seconds: number): number {
    const last = this.#samples.at(-1);
    const first = this.#samples.at(-1 - seconds) ?? this.#samples[0];
    if (!last || !first || last.at <= first.at) return 0;
    return ((value(last) - value(first)) * 1000) / (last.at - first.at);
  }
}

function localDay(now: number): number {
  const date = new Date(now);
  return date.getFullYear() * 400 + date.getMonth() * 31 + date.getDate();
}
