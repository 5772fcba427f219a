import {
  decodeRecords,
  formatPopExtraInfo,
  MessageConst,
  parsePopExtraInfo,
  parsePopNumbers,
  popNormalTopic,
  popRetryOf,
  popTopicOf,
  type PopExtraInfo,
  type PopMessageResponseHeader,
} from '@nest-rocketmq/protocol';
import { ReceivedMessage } from '../../message/received-message.ts';

/** A message that was popped, with the receipt it is acknowledged by. */
export interface PoppedMessage {
  readonly message: ReceivedMessage;
  /** The POP_CK property (ExtraInfoUtil). */
  readonly receipt: string;
  readonly info: PopExtraInfo;
  /** The topic whose queue holds it: a revived message is in a retry topic. */
  readonly topic: string;
  readonly queueOffset: number;
  /** From when on somebody else may have it, in milliseconds by this process's clock. */
  readonly visibleAt: number;
}

/** What a pop's messages have in common. */
export interface PopContext {
  readonly brokerName: string;
  readonly group: string;
  readonly namespace: string;
  /** When they came, in milliseconds. */
  readonly now: number;
}

/**
 * Reads the messages of a pop's answer (`MQClientAPIImpl.processPopResponse`): the broker gives a revived message its
 * receipt, those of others are made of the answer's header.
 * @throws HeaderError when the header is malformed
 */
export function poppedMessages(
  body: Buffer,
  header: PopMessageResponseHeader,
  { brokerName, group, namespace, now }: PopContext,
): PoppedMessage[] {
  const window = { brokerName, ...(namespace === '' ? {} : { namespace }) };
  const starts = parsePopNumbers(header.startOffsetInfo);
  return decodeRecords(body).map((record) => {
    const message = new ReceivedMessage(record, window);
    const given = record.property(MessageConst.PROPERTY_POP_CK);
    const info =
      given === undefined ? receiptOf(message, header, starts, brokerName) : parsePopExtraInfo(given);
    const normal = popNormalTopic(record.topic, group);
    return {
      message,
      info,
      receipt: given ?? formatPopExtraInfo(info),
      topic: popTopicOf(normal, group, info.retry) ?? record.topic,
      queueOffset: info.queueOffset ?? message.queueOffset,
      // The broker's clock may be another: its pop time says nothing here.
      visibleAt: now + info.invisibleTime,
    };
  });
}

function receiptOf(
  { record, queueOffset }: ReceivedMessage,
  header: PopMessageResponseHeader,
  starts: ReadonlyMap<string, number>,
  brokerName: string,
): PopExtraInfo {
  const retry = popRetryOf(record.topic);
  const { queueId } = record;
  const { popTime, invisibleTime, reviveQid: reviveQueueId } = header;
  const startOffset = starts.get(`${retry}@${queueId}`) ?? queueOffset;
  return { startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset };
}
