import {
  AckMessage,
  BatchAckMessageRequestBody,
  parsePopExtraInfo,
  popTopicOf,
  POP_ORDER_REVIVE_QUEUE,
  RemotingCommand,
  ResponseCode,
  type BatchAck,
} from '@nest-rocketmq/protocol';
import { ResponseError, type Connection, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';
import { refusalOf } from '../send/put-result.ts';
import { ackInOrder } from './ordered-ack.ts';
import { checkReceipt, requirePoppedQueue } from './popped-queue.ts';

/**
 * ACK_MESSAGE (200051): puts down that a popped message is consumed (AckMessageProcessor). Answered when that is in the
 * log's file.
 */
export function ackMessage(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const { consumerGroup: group, topic, queueId, offset, extraInfo } = AckMessage.request.decode(request);
    const { minOffset, maxOffset } = requirePoppedQueue(broker, topic, queueId, connection);
    if (offset < minOffset || offset > maxOffset) {
      const remark = `offset is illegal, key:${topic}@${queueId}, commit:${offset}, store:${minOffset}~${maxOffset}`;
      throw new ResponseError(ResponseCode.NO_MESSAGE, remark);
    }
    const info = parsePopExtraInfo(extraInfo);
    if (info.reviveQueueId === POP_ORDER_REVIVE_QUEUE) {
      ackInOrder(broker, { topic, group, queueId, offset, popTime: info.popTime }, connection.remoteAddress);
      return success(request);
    }
    checkReceipt(broker, { ...info, group });
    const { startOffset, popTime, brokerName } = info;
    const end = putAck(
      broker,
      { topic, group, queueId, startOffset, popTime, brokerName, offsets: [offset] },
      info.reviveQueueId,
      popTime + info.invisibleTime,
    );
    return whenWritten(broker, connection, request, end);
  };
}

/** BATCH_ACK_MESSAGE (200151): the same for several messages of several pops; offsets out of bounds are passed over. */
export function batchAckMessage(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const { acks, brokerName } = BatchAckMessageRequestBody.decode(request.body);
    if (acks.length === 0) throw new ResponseError(ResponseCode.NO_MESSAGE, 'the batch acknowledges nothing');
    let end = 0;
    for (const ack of acks)
      end = Math.max(end, putBatch(broker, ack, brokerName || broker.config.brokerName, connection));
    return end === 0 ? success(request) : whenWritten(broker, connection, request, end);
  };
}

/** @returns where the acknowledgement ends in the log; 0 when there was nothing to put */
function putBatch(broker: BrokerContext, ack: BatchAck, brokerName: string, connection: Connection): number {
  const { c: group, q: queueId, so: startOffset, pt: popTime, rq: reviveQueueId } = ack;
  const topic = popTopicOf(ack.t, group, ack.r);
  if (topic === undefined || !broker.topics.select(topic)) return 0;
  const minOffset = broker.store.getMinOffset(topic, queueId);
  const maxOffset = broker.store.getMaxOffset(topic, queueId);
  const offsets = ack.b
    .map((distance) => startOffset + distance)
    .filter((offset) => offset >= minOffset && offset <= maxOffset);
  if (reviveQueueId === POP_ORDER_REVIVE_QUEUE) {
    for (const offset of offsets)
      ackInOrder(broker, { topic, group, queueId, offset, popTime }, connection.remoteAddress);
    return 0;
  }
  if (offsets.length === 0) return 0;
  checkReceipt(broker, { group, brokerName, reviveQueueId });
  const record = { topic, group, queueId, startOffset, popTime, brokerName, offsets };
  return putAck(broker, record, reviveQueueId, popTime + ack.it);
}

/** @returns where the acknowledgement ends in the log */
export function putAck(
  broker: BrokerContext,
  ack: Parameters<BrokerContext['pop']['log']['putAck']>[0],
  reviveQueueId: number,
  deliverTime: number,
): number {
  const { status, endOffset } = broker.pop.log.putAck(ack, reviveQueueId, deliverTime);
  if (status !== 'PUT_OK') throw refusalOf(status, broker.store, broker.config.maxMessageSize);
  return endOffset;
}

/** Answers with success once the log is written up to `end`. */
export function whenWritten(
  broker: BrokerContext,
  connection: Connection,
  request: RemotingCommand,
  end: number,
  fields?: Map<string, string>,
): undefined {
  if (!request.isOneway)
    broker.acknowledgements.respondWhenWritten(connection, success(request, fields), end);
}
