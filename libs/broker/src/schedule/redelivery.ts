import {
  bornHostLength,
  MessageConst,
  recordLayout,
  RecordOffset,
  storeHostLength,
  validateTopic,
  type MessageRecord,
} from '@nest-rocketmq/protocol';
import type { AppendMessage } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';

/** Fills `message` with a stored record, as it is, to be stored again; topic and queue are the caller's to set. */
export function fillFromRecord(message: AppendMessage, bytes: Buffer, record: MessageRecord): void {
  const bornHost = bornHostLength(record.sysFlag);
  const storeHost = storeHostLength(record.sysFlag);
  const storeHostStart = recordLayout(bornHost, storeHost).storeHost;
  message.content(record.body, record.propertiesBytes);
  message.flag = record.flag;
  message.sysFlag = record.sysFlag;
  message.bornTimestamp = record.bornTimestamp;
  message.bornHost = bytes.subarray(RecordOffset.BORN_HOST, RecordOffset.BORN_HOST + bornHost);
  message.storeHost = bytes.subarray(storeHostStart, storeHostStart + storeHost);
  message.reconsumeTimes = record.reconsumeTimes;
  message.preparedTransactionOffset = record.preparedTransactionOffset;
}

/**
 * Where a message that waited goes, by its REAL_TOPIC and REAL_QID; undefined when it names no place it could go to. A
 * delayed message must not come out as half of a transaction, or be delayed for ever.
 */
export function realPlace(record: MessageRecord): { topic: string; queueId: number } | undefined {
  const topic = record.property(MessageConst.PROPERTY_REAL_TOPIC) ?? '';
  const queueId = Number(record.property(MessageConst.PROPERTY_REAL_QUEUE_ID) ?? NaN);
  if (validateTopic(topic) !== undefined || !Number.isInteger(queueId) || queueId < 0) return undefined;
  return DETOURS.has(topic) ? undefined : { topic, queueId };
}

const DETOURS: ReadonlySet<string> = new Set([
  SystemTopic.TRANS_HALF,
  SystemTopic.SCHEDULE,
  SystemTopic.TIMER,
]);
