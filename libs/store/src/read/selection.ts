import type { PropertiesView } from './record-properties.ts';

/** Which messages a pull wants. */
export interface PullQuery {
  topic: string;
  queueId: number;
  /** The first logical offset wanted. */
  offset: number;
  maxNums: number;
  /** Default: no limit beyond the store's. */
  maxBytes?: number;
  /** Chooses by the entry's tags code; default all. */
  matches?: (tagsCode: number) => boolean;
  /** Chooses by the record's properties, among those that `matches` lets through; no body is read for it. Default all. */
  matchesProperties?: (properties: PropertiesView) => boolean;
}

/** RocketMQ's GetMessageStatus. */
export type SelectionStatus =
  | 'FOUND'
  | 'NO_MATCHED_MESSAGE'
  | 'NO_MESSAGE_IN_QUEUE'
  | 'NO_MATCHED_LOGIC_QUEUE'
  | 'OFFSET_TOO_SMALL'
  | 'OFFSET_OVERFLOW_ONE'
  | 'OFFSET_OVERFLOW_BADLY'
  | 'OFFSET_FOUND_NULL'
  | 'MESSAGE_WAS_REMOVING';

/** What a pull gets: where the records are, and what to tell the client. May be reused for the next select. */
export class Selection {
  status: SelectionStatus = 'NO_MATCHED_LOGIC_QUEUE';
  queueId = 0;
  /** Where the client goes on. */
  nextBeginOffset = 0;
  minOffset = 0;
  maxOffset = 0;
  count = 0;
  /** Bytes of all records together. */
  bytes = 0;
  /** True when the newest selected message is so far behind that a slave should serve it (suggestPullingFromSlave). */
  farBehind = false;
  /** The first `count` of each: physical offset, size, logical offset. */
  readonly positions: number[] = [];
  readonly sizes: number[] = [];
  readonly offsets: number[] = [];

  reset(queueId: number): void {
    this.queueId = queueId;
    this.count = 0;
    this.bytes = 0;
    this.minOffset = 0;
    this.maxOffset = 0;
    this.farBehind = false;
  }

  add(position: number, size: number, offset: number): void {
    this.positions[this.count] = position;
    this.sizes[this.count] = size;
    this.offsets[this.count] = offset;
    this.count++;
    this.bytes += size;
  }
}
