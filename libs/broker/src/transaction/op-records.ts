import { createUniqueId, decodeRecord, encodeProperties, MessageConst } from '@nest-rocketmq/protocol';
import type { AppendMessage, MessageStore } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';

/** The tag of a record that says which half messages are done (TransactionalMessageUtil.REMOVE_TAG). */
const REMOVE_TAG = 'd';
const SEPARATOR = ',';
const DIGITS = /^\d{1,15}$/;

/**
 * Fills `message` with an op record that says that a half message is done (TransactionalMessageBridge.makeOpMessageInner).
 * Its body is the offset alone: 4.x reads nothing else, and takes the lists that 5.x collects for no answer at all.
 */
export function fillOp(message: AppendMessage, halfOffset: number, storeHost: Buffer, now: number): void {
  const properties = new Map([
    [MessageConst.PROPERTY_TAGS, REMOVE_TAG],
    [MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX, createUniqueId()],
  ]);
  message.content(Buffer.from(String(halfOffset)), encodeProperties(properties));
  message.topic = SystemTopic.TRANS_OP_HALF;
  message.queueId = 0;
  message.flag = 0;
  message.sysFlag = 0;
  message.bornTimestamp = now;
  message.bornHost = storeHost;
  message.storeHost = storeHost;
  message.reconsumeTimes = 0;
  message.preparedTransactionOffset = 0;
  message.tagsCode = undefined;
}

/**
 * The half messages that the op record at that place of the op queue says are done: one in records of 4.x, many in those
 * of 5.x. Empty when it can't be read or says something else.
 */
export function halvesOfOp(store: MessageStore, queueOffset: number): number[] {
  const entry = store.queueEntry(SystemTopic.TRANS_OP_HALF, 0, queueOffset);
  const bytes = entry && store.readRecord(entry.physicalOffset, entry.size);
  const record = bytes && decodeRecord(bytes, 0);
  if (record?.property(MessageConst.PROPERTY_TAGS) !== REMOVE_TAG) return [];
  const texts = record.body.toString('latin1').split(SEPARATOR);
  return texts.filter((text) => DIGITS.test(text)).map(Number);
}
