import type { RecordFields } from './commit-log/record-fields.ts';
import { hasQueueEntry, isIndexed } from './commit-log/record-fields.ts';
import { hashOfUtf8, PropertyScan } from './commit-log/property-scan.ts';
import type { ConsumeQueues, TopicQueues } from './consume-queue/consume-queues.ts';
import { CQ_STORE_UNIT_SIZE } from './consume-queue/consume-queue.ts';
import type { IndexFiles } from './index-file/index-files.ts';
import { delayLevelTable } from './store-config.ts';

/** Where delayed messages wait; its entries carry the time of delivery instead of the tag's hash. */
export const RMQ_SYS_SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX';
/** A hole larger than a consume queue file is no hole but a damaged record. */
const LARGEST_HOLE = 300_000;

/** Builds from records what the store finds them by: consume queue entries and the index of keys. */
export class Dispatcher {
  readonly #queues: ConsumeQueues;
  readonly #index: IndexFiles | undefined;
  readonly #delays: number[];
  readonly #scan = new PropertyScan();
  #scanned: Buffer | undefined;

  constructor(queues: ConsumeQueues, index: IndexFiles | undefined, messageDelayLevel: string) {
    this.#queues = queues;
    this.#index = index;
    this.#delays = delayLevelTable(messageDelayLevel);
  }

  /** Looks through a message's properties; {@link tagsCode} and {@link indexKeys} are about these. */
  inspect(properties: Buffer, start: number, end: number): void {
    this.#scanned = properties;
    this.#scan.scan(properties, start, end);
  }

  /** Java's hash of the TAGS property, 0 without one; of a delayed message, when it is due. */
  tagsCode(topic: string, queueId: number, storeTimestamp: number): number {
    if (topic === RMQ_SYS_SCHEDULE_TOPIC && queueId + 1 < this.#delays.length) {
      return storeTimestamp + (this.#delays[queueId + 1] as number);
    }
    const { tagsStart, tagsEnd } = this.#scan;
    return tagsStart < 0 || !this.#scanned ? 0 : hashOfUtf8(this.#scanned, tagsStart, tagsEnd);
  }

  /** Puts UNIQ_KEY and every word of KEYS into the index. */
  indexKeys(topic: TopicQueues, sysFlag: number, physicalOffset: number, storeTimestamp: number): void {
    const index = this.#index;
    const source = this.#scanned;
    if (!index || !source || !isIndexed(sysFlag) || physicalOffset < index.indexedEnd) return;
    const { uniqStart, uniqEnd, keysStart, keysEnd } = this.#scan;
    const prefix = topic.keyPrefixHash;
    if (uniqStart >= 0)
      index.put(hashOfUtf8(source, uniqStart, uniqEnd, prefix), physicalOffset, storeTimestamp);
    if (keysStart < 0) return;
    let start = keysStart;
    for (let at = keysStart; at <= keysEnd; at++) {
      if (at < keysEnd && source[at] !== 0x20) continue;
      if (at > start) index.put(hashOfUtf8(source, start, at, prefix), physicalOffset, storeTimestamp);
      start = at + 1;
    }
  }

  /**
   * Dispatches a record that recovery found in the log. Repeating it is harmless: what is there already is left.
   */
  replay(record: RecordFields, buffer: Buffer, topicName: string): void {
    const topic = this.#queues.topic(topicName);
    this.inspect(buffer, record.propertiesStart, record.propertiesEnd);
    if (hasQueueEntry(record.sysFlag)) this.#replayEntry(record, topic);
    this.indexKeys(topic, record.sysFlag, record.physicalOffset, record.storeTimestamp);
  }

  #replayEntry(record: RecordFields, topic: TopicQueues): void {
    const { queueOffset, physicalOffset, size, storeTimestamp } = record;
    const queue = this.#queues.queue(topic, record.queueId);
    if (physicalOffset + size <= queue.maxPhysicalEnd) return;
    const hole = queueOffset - queue.nextOffset;
    if (
      hole < 0 ||
      (hole > 0 && queue.nextOffset === queue.minOffset && queue.writtenOffset === queue.nextOffset)
    ) {
      // A later record with a smaller offset: the topic was deleted and created again. A first record with a larger
      // one: what was before it is gone from the log.
      this.#queues.reset(queue, queueOffset);
    } else if (hole > 0 && hole <= LARGEST_HOLE) {
      for (let i = 0; i < hole; i++) this.#queues.append(queue, 0, 0x7fffffff, 0, storeTimestamp);
    }
    const tagsCode = this.tagsCode(topic.topic, record.queueId, storeTimestamp);
    this.#queues.append(queue, physicalOffset, size, tagsCode, storeTimestamp);
    queue.readable = queue.nextOffset;
  }
}

/** Bytes that dispatching a message of `keys` index keys may add to the disk at most. */
export function derivedBytes(keys: number): number {
  return CQ_STORE_UNIT_SIZE + keys * 4116;
}
