import { parseInt32, parseInt64 } from '../remoting/numbers.ts';
import { HeaderError } from '../remoting/header-error.ts';

/** The revive queue that marks an ordered pop: its acknowledgements go to the order table. */
export const POP_ORDER_REVIVE_QUEUE = 999;

/** What the POP_CK property of a popped message says: its receipt (ExtraInfoUtil). Times in milliseconds. */
export interface PopExtraInfo {
  /** The offset that the pop of its queue started at. */
  startOffset: number;
  popTime: number;
  invisibleTime: number;
  reviveQueueId: number;
  /** PopRetry. */
  retry: string;
  brokerName: string;
  queueId: number;
  /** The message's own offset; undefined in what old clients send. */
  queueOffset: number | undefined;
}

const SEPARATOR = ' ';
const KEY = 'extraInfo';

/** Writes a receipt. */
export function formatPopExtraInfo(info: PopExtraInfo): string {
  const { startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset } =
    info;
  const text = `${startOffset} ${popTime} ${invisibleTime} ${reviveQueueId} ${retry} ${brokerName} ${queueId}`;
  return queueOffset === undefined ? text : `${text} ${queueOffset}`;
}

/**
 * Reads a receipt.
 * @throws HeaderError when it has fewer than seven parts or one of its numbers is none
 */
export function parsePopExtraInfo(text: string): PopExtraInfo {
  const parts = text.split(SEPARATOR);
  const [startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset] = parts;
  if (
    startOffset === undefined ||
    popTime === undefined ||
    invisibleTime === undefined ||
    reviveQueueId === undefined ||
    retry === undefined ||
    brokerName === undefined ||
    queueId === undefined
  ) {
    throw new HeaderError(KEY, 'fewer than seven parts');
  }
  return {
    startOffset: parseInt64(KEY, startOffset),
    popTime: parseInt64(KEY, popTime),
    invisibleTime: parseInt64(KEY, invisibleTime),
    reviveQueueId: parseInt32(KEY, reviveQueueId),
    retry,
    brokerName,
    queueId: parseInt32(KEY, queueId),
    queueOffset: queueOffset === undefined ? undefined : parseInt64(KEY, queueOffset),
  };
}

/** One entry of startOffsetInfo or orderCountInfo: `retry queueId number`. */
export function popNumberInfo(retry: string, queue: number | string, value: number): string {
  return `${retry} ${queue} ${value}`;
}

/** One entry of msgOffsetInfo: `retry queueId offset,offset...`. */
export function popOffsetsInfo(retry: string, queueId: number, offsets: readonly number[]): string {
  return `${retry} ${queueId} ${offsets.join(',')}`;
}

/** The key of an ordered message in orderCountInfo. */
export function popOrderKey(queueId: number, offset: number): string {
  return `qo${queueId}%${offset}`;
}

/** Reads startOffsetInfo or orderCountInfo into `retry@queueId` -> number. */
export function parsePopNumbers(text: string | undefined): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [key, value] of entries(text)) numbers.set(key, parseInt64('startOffsetInfo', value));
  return numbers;
}

/** Reads msgOffsetInfo into `retry@queueId` -> offsets. */
export function parsePopOffsets(text: string | undefined): Map<string, number[]> {
  const offsets = new Map<string, number[]>();
  for (const [key, value] of entries(text)) {
    offsets.set(
      key,
      value.split(',').map((offset) => parseInt64('msgOffsetInfo', offset)),
    );
  }
  return offsets;
}

function* entries(text: string | undefined): Generator<[key: string, value: string]> {
  if (text === undefined || text === '') return;
  for (const entry of text.split(';')) {
    const [retry, queue, value] = entry.split(SEPARATOR);
    if (retry === undefined || queue === undefined || value === undefined)
      throw new HeaderError('offsetInfo', 'an entry without three parts');
    yield [`${retry}@${queue}`, value];
  }
}
