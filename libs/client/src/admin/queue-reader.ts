import {
  decodeRecords,
  MixAll,
  PullMessage,
  PullSysFlag,
  ResponseCode,
  type MessageQueue,
} from '@nest-rocketmq/protocol';
import { brokerError, requestOf } from '../instance/call.ts';
import type { MessageExt } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import type { AdminSession } from './admin-session.ts';

/** A part of a queue. */
export interface QueueSlice {
  messages: MessageExt[];
  /** Where the next slice begins; the same offset as asked for at the end of the queue. */
  nextOffset: number;
}

const NOTHING_THERE: ReadonlySet<number> = new Set([
  ResponseCode.PULL_NOT_FOUND,
  ResponseCode.PULL_RETRY_IMMEDIATELY,
  ResponseCode.PULL_OFFSET_MOVED,
]);

/**
 * Reads a queue without consuming it: no group's offset moves.
 * @throws BrokerError when the broker refuses
 */
export async function readQueue(
  session: AdminSession,
  queue: MessageQueue,
  offset: number,
  maxNums: number,
): Promise<QueueSlice> {
  const { brokerName, topic, queueId } = queue;
  const address = await session.addressOf(queue);
  const request = requestOf(PullMessage, {
    consumerGroup: MixAll.TOOLS_CONSUMER_GROUP,
    topic,
    queueId,
    queueOffset: offset,
    maxMsgNums: maxNums,
    sysFlag: PullSysFlag.SUBSCRIPTION,
    commitOffset: 0,
    suspendTimeoutMillis: 0,
    subscription: '*',
    subVersion: 0,
    expressionType: 'TAG',
    bname: brokerName,
  });
  const { instance } = session;
  const response = await instance.remoting.invoke(address, request, instance.settings.mqClientApiTimeout);
  if (response.code !== ResponseCode.SUCCESS && !NOTHING_THERE.has(response.code)) {
    throw brokerError(PullMessage, response, address);
  }
  const { nextBeginOffset, minOffset, maxOffset } = PullMessage.response.decode(response);
  if (response.code !== ResponseCode.SUCCESS) return { messages: [], nextOffset: nextBeginOffset };
  const window = { brokerName, minOffset, maxOffset, namespace: instance.settings.namespace };
  const messages = decodeRecords(response.body).map((record) => new ReceivedMessage(record, window));
  return { messages, nextOffset: nextBeginOffset };
}
