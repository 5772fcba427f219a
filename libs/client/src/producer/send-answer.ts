import { ResponseCode, type HeaderView } from '@nest-rocketmq/protocol';
import { SendStatus, type MessageQueue, type SendResult } from '../message/message.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

const STATUS = new Map<number, SendStatus>([
  [ResponseCode.SUCCESS, SendStatus.SEND_OK],
  [ResponseCode.FLUSH_DISK_TIMEOUT, SendStatus.FLUSH_DISK_TIMEOUT],
  [ResponseCode.FLUSH_SLAVE_TIMEOUT, SendStatus.FLUSH_SLAVE_TIMEOUT],
  [ResponseCode.SLAVE_NOT_AVAILABLE, SendStatus.SLAVE_NOT_AVAILABLE],
]);

/** The status a response code stands for; undefined when the message was not stored. */
export function sendStatus(code: number): SendStatus | undefined {
  return code === ResponseCode.SUCCESS ? SendStatus.SEND_OK : STATUS.get(code);
}

/** Reads the result of a send straight from the scanned header of its answer. */
export function sendResult(
  status: SendStatus,
  header: HeaderView,
  message: OutgoingMessage,
  queue: MessageQueue,
): SendResult {
  const queueId = header.int('queueId') ?? queue.queueId;
  return {
    sendStatus: status,
    msgId: message.msgId,
    offsetMsgId: header.get('msgId') ?? '',
    // The broker chooses when it was asked to (a queue id below 0).
    messageQueue: queueId === queue.queueId ? queue : { ...queue, queueId },
    queueOffset: header.long('queueOffset') ?? 0,
    transactionId: header.get('transactionId'),
    regionId: header.get('MSG_REGION') ?? 'DefaultRegion',
    traceOn: header.get('TRACE_ON') !== 'false',
    recallHandle: header.get('recallHandle'),
  };
}
