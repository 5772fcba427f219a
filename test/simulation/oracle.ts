import type { AppendResult } from '@nest-rocketmq/store';
import type { MessageRecord } from '@nest-rocketmq/protocol';

/** What is remembered of a message that was given to the store. */
export interface Remembered {
  topic: string;
  queueId: number;
  /** -1 for a half message, which has no place in its queue. */
  queueOffset: number;
  start: number;
  end: number;
  storeTimestamp: number;
  body: string;
  /** Its UNIQ_KEY; empty without. */
  key: string;
  /** When its sender was answered; undefined until then. */
  ackedAt: number | undefined;
}

/** A promise of the store that was not kept. */
export class Broken extends Error {
  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = 'Broken';
  }
}

const queueName = (topic: string, queueId: number): string => `${topic}/${queueId}`;

/**
 * What the store must hold, kept in plain lists: the log in its order, and of each queue the messages by their offset. It
 * knows what was written, flushed and acknowledged from what the store reports, and decides after a crash which of it
 * has to be there.
 */
export class Oracle {
  log: Remembered[] = [];
  /** Of each queue, by logical offset. */
  readonly queues = new Map<string, Remembered[]>();
  written = 0;
  flushed = 0;
  /** Where the log ended when it was loaded: readable even before it is flushed again. */
  recovered = 0;
  /** The store has reported a failure: nothing is acknowledged from now on (fail-stop). */
  failed = false;
  readonly #sync: boolean;
  readonly #segmentSize: number;
  #acked = 0;
  #durable = 0;

  constructor(sync: boolean, segmentSize: number) {
    this.#sync = sync;
    this.#segmentSize = segmentSize;
  }

  /** Everything before it survives a power cut: flushed by this process or an earlier one, or found after a power cut. */
  get durable(): number {
    return Math.max(this.#durable, this.flushed);
  }

  /** Where messages are acknowledged up to. */
  get acknowledged(): number {
    return this.#sync ? this.flushed : this.written;
  }

  get readable(): number {
    return this.#sync ? Math.max(this.flushed, this.recovered) : this.written;
  }

  queue(topic: string, queueId: number): Remembered[] {
    const name = queueName(topic, queueId);
    let queue = this.queues.get(name);
    if (!queue) this.queues.set(name, (queue = []));
    return queue;
  }

  /** The logical offset that the next pull cannot get yet. */
  readableEnd(topic: string, queueId: number): number {
    const queue = this.queue(topic, queueId);
    let end = queue.length;
    while (end > 0 && (queue[end - 1]?.end ?? 0) > this.readable) end--;
    return end;
  }

  /** A message was taken; `index` is its place in a batch. */
  appended(
    message: Omit<Remembered, 'start' | 'end' | 'queueOffset' | 'storeTimestamp' | 'ackedAt'>,
    result: AppendResult,
    index: number,
    size: number,
    half: boolean,
  ): void {
    const start = index === 0 ? result.physicalOffset : (this.log.at(-1)?.end ?? 0);
    const previous = this.log.at(-1);
    const from = Math.max(previous?.end ?? 0, this.recovered);
    const nextFile = Math.ceil(from / this.#segmentSize) * this.#segmentSize;
    if (start !== from && start !== nextFile)
      throw new Broken('dense', `a record at ${start} of the log, where ${from} or ${nextFile} comes next`);
    const queue = this.queue(message.topic, message.queueId);
    const queueOffset = half ? -1 : result.queueOffset + index;
    if (!half && queueOffset !== queue.length) {
      throw new Broken(
        'dense',
        `${queueName(message.topic, message.queueId)} gave offset ${queueOffset}, not ${queue.length}`,
      );
    }
    if (result.storeTimestamp < (previous?.storeTimestamp ?? 0))
      throw new Broken('order', `store time ${result.storeTimestamp} before ${previous?.storeTimestamp}`);
    const remembered = {
      ...message,
      start,
      end: start + size,
      queueOffset,
      storeTimestamp: result.storeTimestamp,
      ackedAt: undefined,
    };
    this.log.push(remembered);
    if (!half) queue.push(remembered);
  }

  /** The store reported how far it is: all before it is acknowledged now. */
  progress(written: number, flushed: number, now: number): void {
    if (this.failed)
      throw new Broken('fail-stop', `progress ${written}/${flushed} after the store had failed`);
    if (written < this.written || flushed < this.flushed || flushed > written)
      throw new Broken('order', `progress from ${this.written}/${this.flushed} to ${written}/${flushed}`);
    if (written > Math.max(this.recovered, this.log.at(-1)?.end ?? 0) + this.#segmentSize)
      throw new Broken('no phantom', `${written} bytes reported as written, more than were given`);
    this.written = written;
    this.flushed = flushed;
    const acked = this.acknowledged;
    for (; this.#acked < this.log.length; this.#acked++) {
      const message = this.log[this.#acked];
      if (!message || message.end > acked) break;
      message.ackedAt ??= now;
    }
  }

  /**
   * A new process found the log ending at `end`. What ends before it is there; nothing else is.
   * @param powerCut whether only what was durable could survive: then all that is found is
   * @param oldestLoss messages acknowledged before this time must have survived
   */
  recover(end: number, powerCut: boolean, oldestLoss: number): void {
    const required = powerCut ? this.durable : this.written;
    if (end < required) throw new Broken('durable', `the log ends at ${end}, before ${required}`);
    const lost = this.log.findIndex((message) => message.end > end);
    const kept = lost < 0 ? this.log : this.log.slice(0, lost);
    const gone = lost < 0 ? [] : this.log.slice(lost);
    const last = kept.at(-1)?.end ?? 0;
    const nextFile = Math.ceil(last / this.#segmentSize) * this.#segmentSize;
    if (end !== last && end !== nextFile && kept.length > 0)
      throw new Broken(
        'prefix',
        `the log ends at ${end}, inside of the record from ${gone[0]?.start} to ${gone[0]?.end}`,
      );
    for (const message of gone) {
      if (message.ackedAt !== undefined && message.ackedAt < oldestLoss)
        throw new Broken(
          'durable',
          `a message acknowledged at ${message.ackedAt} is lost; all before ${oldestLoss} had to be flushed`,
        );
      if (message.queueOffset >= 0)
        this.queue(message.topic, message.queueId).length = Math.min(
          this.queue(message.topic, message.queueId).length,
          message.queueOffset,
        );
    }
    this.log = kept;
    this.#acked = Math.min(this.#acked, kept.length);
    this.#durable = powerCut ? end : this.durable;
    this.written = end;
    this.flushed = 0;
    this.recovered = end;
    this.failed = false;
  }

  /** Checks what a pull gave, from `offset` on. */
  pulled(topic: string, queueId: number, offset: number, records: readonly MessageRecord[]): void {
    const queue = this.queue(topic, queueId);
    let at = offset;
    for (const record of records) {
      const place = `${queueName(topic, queueId)}@${record.queueOffset}`;
      if (record.queueOffset !== at++) throw new Broken('dense', `${place} where ${at - 1} was to come`);
      const expected = queue[record.queueOffset];
      if (!expected) throw new Broken('no phantom', `${place} was never given to the store, or lost before`);
      if (expected.end > this.readable)
        throw new Broken('durable', `${place} was shown before it was acknowledged`);
      const body = record.body.toString('latin1');
      if (body !== expected.body)
        throw new Broken('immutable', `${place} is ${body.slice(0, 20)}, was ${expected.body.slice(0, 20)}`);
      if (
        record.topic !== topic ||
        record.queueId !== queueId ||
        record.physicalOffset !== expected.start ||
        record.storeTimestamp !== expected.storeTimestamp
      )
        throw new Broken('immutable', `${place} has another head than was stored`);
      if (expected.key !== '' && record.properties.get('UNIQ_KEY') !== expected.key)
        throw new Broken('immutable', `${place} has other properties than were stored`);
    }
  }
}
