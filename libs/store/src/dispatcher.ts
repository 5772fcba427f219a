import { isIndexed } from './commit-log/record-fields.ts';
import { hashOfUtf8, PropertyScan, type PropertyPlaces } from './commit-log/property-scan.ts';
import type { TopicQueues } from './consume-queue/consume-queues.ts';
import type { IndexFiles } from './index-file/index-files.ts';
import { delayLevelTable } from './store-config.ts';

/** Where delayed messages wait; its entries carry the time of delivery instead of the tag's hash. */
export const RMQ_SYS_SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX';

/** Builds from records what the store finds them by: consume queue entries and the index of keys. */
export class Dispatcher {
  readonly #index: IndexFiles | undefined;
  readonly #delays: number[];
  readonly #scan = new PropertyScan();
  #places: PropertyPlaces = this.#scan;
  #scanned: Buffer | undefined;

  constructor(index: IndexFiles | undefined, messageDelayLevel: string) {
    this.#index = index;
    this.#delays = delayLevelTable(messageDelayLevel);
  }

  /**
   * Looks through a message's properties, or takes what its sender found there; {@link tagsCode} and {@link indexKeys}
   * are about these.
   */
  inspect(properties: Buffer, start: number, end: number, places?: PropertyPlaces): void {
    this.#scanned = properties;
    this.#places = places ?? this.#scan;
    if (places === undefined) this.#scan.scan(properties, start, end);
  }

  /** Java's hash of the TAGS property, 0 without one; of a delayed message, when it is due. */
  tagsCode(topic: string, queueId: number, storeTimestamp: number): number {
    if (topic === RMQ_SYS_SCHEDULE_TOPIC && queueId + 1 < this.#delays.length) {
      return storeTimestamp + (this.#delays[queueId + 1] as number);
    }
    const { tagsStart, tagsEnd } = this.#places;
    return tagsStart < 0 || !this.#scanned ? 0 : hashOfUtf8(this.#scanned, tagsStart, tagsEnd);
  }

  /** Puts UNIQ_KEY and every word of KEYS into the index. */
  indexKeys(topic: TopicQueues, sysFlag: number, physicalOffset: number, storeTimestamp: number): void {
    const index = this.#index;
    const source = this.#scanned;
    if (!index || !source || !isIndexed(sysFlag) || physicalOffset < index.indexedEnd) return;
    const { uniqKeyStart, uniqKeyEnd, keysStart, keysEnd } = this.#places;
    const prefix = topic.keyPrefixHash;
    if (uniqKeyStart >= 0)
      index.put(hashOfUtf8(source, uniqKeyStart, uniqKeyEnd, prefix), physicalOffset, storeTimestamp);
    if (keysStart < 0) return;
    let start = keysStart;
    for (let at = keysStart; at <= keysEnd; at++) {
      if (at < keysEnd && source[at] !== 0x20) continue;
      if (at > start) index.put(hashOfUtf8(source, start, at, prefix), physicalOffset, storeTimestamp);
      start = at + 1;
    }
  }
}
