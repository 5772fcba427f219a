import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import { encodeTrace, traceKeys, type TraceRecord } from './trace-data.ts';

/** How traces are collected; the defaults are `AsyncTraceDispatcher`'s. */
export interface TraceSettings {
  /** Where traces are sent. */
  topic: string;
  /** Entries that make a message of their own accord. */
  batchNum: number;
  /** Entries that may wait; beyond, they are dropped and counted. */
  queueSize: number;
  /** An entry waits no longer than that, in milliseconds. */
  flushInterval: number;
  /** Bytes a trace message has at most. */
  maxMessageSize: number;
  /** Trace messages that are under way at once. */
  maxInFlight: number;
}

/** `RMQ_SYS_TRACE_TOPIC`: brokers with `traceTopicEnable` have it. */
export const DEFAULT_TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC';

export const defaultTraceSettings: TraceSettings = {
  topic: DEFAULT_TRACE_TOPIC,
  batchNum: 10,
  queueSize: 2048,
  flushInterval: 5000,
  maxMessageSize: 128_000,
  maxInFlight: 16,
};

/** A message with traces. */
export interface TraceMessage {
  readonly topic: string;
  readonly keys: readonly string[];
  readonly body: Buffer;
}

export interface TraceDispatcherParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly send: (message: TraceMessage) => Promise<unknown>;
}

interface Entry {
  readonly topic: string;
  readonly records: readonly TraceRecord[];
}

/**
 * Collects traces and sends them, some at a time (`AsyncTraceDispatcher`). It never holds up who is traced: what doesn't
 * fit is dropped and counted, what can't be sent is lost.
 */
export class TraceDispatcher {
  readonly #settings: TraceSettings;
  readonly #parts: TraceDispatcherParts;
  #entries: Entry[] = [];
  #dropped = 0;
  #reported = 0;
  #timer: Scheduled | undefined;
  #soon: Scheduled | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  #stopped = false;

  constructor(settings: TraceSettings, parts: TraceDispatcherParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Entries that were dropped because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Entries that wait. */
  get waiting(): number {
    return this.#entries.length;
  }

  /** Takes the records of one call, of one topic. @returns false when they were dropped */
  append(topic: string, records: readonly TraceRecord[]): boolean {
    const { queueSize, batchNum, flushInterval } = this.#settings;
    if (this.#stopped || this.#entries.length >= queueSize) {
      this.#dropped++;
      return false;
    }
    this.#entries.push({ topic, records });
    if (this.#entries.length >= batchNum)
      this.#soon ??= this.#parts.clock.schedule(0, () => this.#run(false));
    else this.#timer ??= this.#parts.clock.schedule(flushInterval, () => this.#run(true));
    return true;
  }

  /** Sends what waits, and resolves when it has arrived or is lost. */
  async flush(): Promise<void> {
    do {
      this.#run(true);
      await Promise.all(this.#inFlight);
    } while (this.#entries.length > 0);
  }

  /** As {@link flush}, and takes nothing more. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    await this.flush();
    this.#timer?.cancel();
    this.#soon?.cancel();
  }

  #run(all: boolean): void {
    this.#timer?.cancel();
    this.#soon?.cancel();
    this.#timer = undefined;
    this.#soon = undefined;
    const { batchNum, maxInFlight, flushInterval } = this.#settings;
    while (this.#entries.length >= (all ? 1 : batchNum) && this.#inFlight.size < maxInFlight)
      this.#sendEntries(this.#entries.splice(0, batchNum));
    if (this.#entries.length > 0 && !this.#stopped)
      this.#timer = this.#parts.clock.schedule(flushInterval, () => this.#run(true));
    if (this.#dropped > this.#reported) {
      this.#parts.logger.warn(
        `${this.#dropped - this.#reported} traces were dropped: too many waited to be sent`,
      );
      this.#reported = this.#dropped;
    }
  }

  #sendEntries(entries: readonly Entry[]): void {
    // A trace message is about one topic, so that who looks for that topic's traces gets no others.
    const topics = new Map<string, TraceRecord[]>();
    for (const { topic, records } of entries) topics.set(topic, [...(topics.get(topic) ?? []), ...records]);
    for (const records of topics.values()) for (const message of this.#messages(records)) this.#send(message);
  }

  *#messages(records: readonly TraceRecord[]): Iterable<TraceMessage> {
    const { topic, maxMessageSize } = this.#settings;
    let keys = new Set<string>();
    let parts: Buffer[] = [];
    let size = 0;
    for (const record of records) {
      const data = Buffer.from(encodeTrace(record));
      if (size > 0 && size + data.length > maxMessageSize) {
        yield { topic, keys: [...keys], body: Buffer.concat(parts) };
        keys = new Set();
        parts = [];
        size = 0;
      }
      for (const key of traceKeys(record)) keys.add(key);
      parts.push(data);
      size += data.length;
    }
    yield { topic, keys: [...keys], body: Buffer.concat(parts) };
  }

  #send(message: TraceMessage): void {
    const sending = this.#parts
      .send(message)
      .catch((error: unknown) => this.#parts.logger.warn('A trace message was not sent', error))
      .then(() => {
        this.#inFlight.delete(sending);
        if (this.#entries.length >= this.#settings.batchNum) this.#run(false);
      });
    this.#inFlight.add(sending);
  }
}
