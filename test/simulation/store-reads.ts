import { decodeRecords } from '@nest-rocketmq/protocol';
import { type MessageStore, Selection } from '@nest-rocketmq/store';
import { Broken, type Oracle, type Remembered } from './oracle.ts';
import type { Random } from './random.ts';

export const TOPICS = ['a', 'orders', '%RETRY%group'];
export const QUEUES = 3;

/** Reads a store in every way there is, and compares what it gives with what the {@link Oracle} remembers. */
export class StoreReads {
  store: MessageStore;
  /** The store has failed: what is readable stays as it was. */
  failed = false;
  /** The disk fails since the last start. */
  faulty = false;
  readonly #oracle: Oracle;
  readonly #random: Random;
  readonly #selection = new Selection();

  constructor(store: MessageStore, oracle: Oracle, random: Random) {
    this.store = store;
    this.#oracle = oracle;
    this.#random = random;
  }

  /** Pulls from any offset of any queue. */
  pull(): void {
    const topic = this.#random.pick(TOPICS);
    const queueId = this.#random.below(QUEUES);
    const max = this.#oracle.readableEnd(topic, queueId);
    this.pullFrom(topic, queueId, this.#random.below(max + 2));
  }

  /** @returns where to go on */
  pullFrom(topic: string, queueId: number, offset: number): number {
    const selection = this.#selection;
    const oracle = this.#oracle;
    this.store.select({ topic, queueId, offset, maxNums: 1 + this.#random.below(40) }, selection);
    const end = this.failed ? this.store.getMaxOffset(topic, queueId) : oracle.readableEnd(topic, queueId);
    if (this.store.getMaxOffset(topic, queueId) !== end)
      throw new Broken(
        'dense',
        `${topic}/${queueId} ends at ${this.store.getMaxOffset(topic, queueId)}, not ${end}`,
      );
    if (selection.status !== 'FOUND') {
      const expired = offset < this.store.getMinOffset(topic, queueId);
      if (offset < end && !expired)
        throw new Broken('durable', `${topic}/${queueId}@${offset} of ${end}: ${selection.status}`);
      return selection.nextBeginOffset;
    }
    const bytes = Buffer.alloc(selection.bytes);
    if (!this.store.read(selection, bytes, 0))
      throw new Broken('durable', `${topic}/${queueId}@${offset} cannot be read`);
    const records = decodeRecords(bytes);
    oracle.pulled(topic, queueId, offset, records);
    if (selection.nextBeginOffset !== offset + records.length)
      throw new Broken(
        'dense',
        `${topic}/${queueId}: the pull of ${offset} goes on at ${selection.nextBeginOffset} after ${records.length}`,
      );
    return selection.nextBeginOffset;
  }

  /** Looks for any message: by key, by its place in the log, by time. */
  lookUp(): void {
    const message = this.#random.pick(this.#oracle.log);
    if (!message || message.end > this.#oracle.readable) return;
    if (message.start < this.store.minPhysicalOffset) return;
    // Without room for the index, messages are found by their keys again after the next start only.
    if (!this.faulty) this.#find(message);
    const record = this.store.readRecord(message.start);
    if (record?.length !== message.end - message.start)
      throw new Broken('durable', `no record at ${message.start} of the log`);
    if (message.queueOffset < 0) return;
    const { topic, queueId, storeTimestamp } = message;
    const queue = this.#oracle.queue(topic, queueId);
    const min = this.store.getMinOffset(topic, queueId);
    const end = this.#oracle.readableEnd(topic, queueId);
    const wanted = queue.findIndex((other, i) => i >= min && other.storeTimestamp >= storeTimestamp);
    const found = this.store.getOffsetByTime(topic, queueId, storeTimestamp);
    if (wanted >= 0 && wanted < end && found !== wanted)
      throw new Broken(
        'index',
        `time ${storeTimestamp} is offset ${found} of ${topic}/${queueId}, not ${wanted}`,
      );
  }

  #find(message: Remembered): void {
    if (message.key === '') return;
    const { topic, key } = message;
    const found = this.store.queryByKey(topic, key, 32, 0, Number.MAX_SAFE_INTEGER).records;
    const own = found.some((record) => Number(record.readBigInt64BE(28)) === message.start);
    if (!own) throw new Broken('index', `${topic}#${key} at ${message.start} is not found by its key`);
  }

  /** After a restart all of it is compared: every message of every queue, and keys. */
  checkAll(): void {
    const oracle = this.#oracle;
    const min = this.store.minPhysicalOffset;
    for (const topic of TOPICS) {
      for (let queueId = 0; queueId < QUEUES; queueId++) {
        const queue = oracle.queue(topic, queueId);
        const first = this.store.getMinOffset(topic, queueId);
        const kept = queue.findIndex((message) => message.start >= min);
        if (kept >= 0 && first > kept)
          throw new Broken('durable', `${topic}/${queueId} begins at ${first}; ${kept} is still in the log`);
        const max = this.store.getMaxOffset(topic, queueId);
        if (max !== queue.length)
          throw new Broken(
            'dense',
            `${topic}/${queueId} ends at ${max} after the restart, not ${queue.length}`,
          );
        for (let offset = first; offset < max;) offset = this.pullFrom(topic, queueId, offset);
      }
    }
    for (let i = 0; i < 12; i++) this.lookUp();
  }
}
