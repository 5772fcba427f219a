import { hashOfText } from '../commit-log/property-scan.ts';
import type { IndexFiles } from '../index-file/index-files.ts';
import type { QueueReader } from './queue-reader.ts';

/** What a query by key gives. */
export interface KeyQueryResult {
  records: Buffer[];
  /** How far the index has come. */
  lastUpdateTimestamp: number;
  lastUpdatePhysicalOffset: number;
}

/** Finds messages by key (DefaultMessageStore.queryMessage). The index knows hashes only: the asker compares the keys. */
export class KeyQuery {
  readonly #index: IndexFiles | undefined;
  readonly #reader: QueueReader;

  constructor(index: IndexFiles | undefined, reader: QueueReader) {
    this.#index = index;
    this.#reader = reader;
  }

  query(
    topic: string,
    key: string,
    maxNum: number,
    begin: number,
    end: number,
    readable: number,
  ): KeyQueryResult {
    const hits = this.#index?.query(hashOfText(`${topic}#${key}`), maxNum, begin, end);
    const records: Buffer[] = [];
    for (const offset of hits?.offsets ?? []) {
      const record = this.#reader.record(offset, readable);
      if (record) records.push(record);
    }
    return {
      records,
      lastUpdateTimestamp: hits?.lastUpdateTimestamp ?? 0,
      lastUpdatePhysicalOffset: hits?.lastUpdatePhysicalOffset ?? 0,
    };
  }
}
