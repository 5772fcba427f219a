import {
  ChangeMessageInvisibleTime,
  parsePopExtraInfo,
  POP_ORDER_REVIVE_QUEUE,
  ResponseCode,
  type ChangeMessageInvisibleTimeRequestHeader,
  type PopExtraInfo,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';
import { refusalOf } from '../send/put-result.ts';
import { putAck, whenWritten } from './ack-message.ts';
import { checkInvisibleTime } from './pop-admission.ts';
import { checkReceipt, requirePoppedQueue } from './popped-queue.ts';

/**
 * CHANGE_MESSAGE_INVISIBLETIME (200053): a popped message comes again at another time (ChangeInvisibleTimeProcessor). A
 * check point of its own is put first, then it is acknowledged in the old one. The answer is the new receipt, given when
 * both are in the log's file.
 */
export function changeMessageInvisibleTime(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const header = ChangeMessageInvisibleTime.request.decode(request);
    const { topic, queueId, offset } = header;
    const { minOffset, maxOffset } = requirePoppedQueue(broker, topic, queueId, connection);
    if (offset < minOffset || offset >= maxOffset) {
      const remark = `offset is illegal, key:${topic}@${queueId}, offset:${offset}, store:${minOffset}~${maxOffset}`;
      throw new ResponseError(ResponseCode.NO_MESSAGE, remark);
    }
    checkInvisibleTime(broker, header.invisibleTime);
    const info = parsePopExtraInfo(header.extraInfo);
    if (info.reviveQueueId === POP_ORDER_REVIVE_QUEUE)
      return success(request, changeInOrder(broker, header, info.popTime));
    checkReceipt(broker, { ...info, group: header.consumerGroup });
    // By it acknowledgements find their check point: what acknowledges the old one must not find the new one.
    const now = broker.pop.clock.now();
    const popTime = now === info.popTime ? now + 1 : now;
    const end = replaceCheckPoint(broker, header, info, popTime);
    const fields = ChangeMessageInvisibleTime.response.encode({
      popTime,
      invisibleTime: header.invisibleTime,
      reviveQid: info.reviveQueueId,
    });
    return whenWritten(broker, connection, request, end, fields);
  };
}

/** @returns where both records end in the log */
function replaceCheckPoint(
  broker: BrokerContext,
  header: ChangeMessageInvisibleTimeRequestHeader,
  info: PopExtraInfo,
  popTime: number,
): number {
  const { consumerGroup: group, topic, queueId, offset, invisibleTime, suspend } = header;
  const { brokerName, reviveQueueId } = info;
  const { status } = broker.pop.log.putCheckPoint(
    {
      topic,
      group,
      queueId,
      startOffset: offset,
      popTime,
      invisibleTime,
      num: 1,
      diffs: [0],
      brokerName,
      rePutTimes: 0,
      suspend,
    },
    reviveQueueId,
  );
  if (status !== 'PUT_OK') throw refusalOf(status, broker.store, broker.config.maxMessageSize);
  const old = { topic, group, queueId, startOffset: info.startOffset, popTime: info.popTime, brokerName };
  return putAck(broker, { ...old, offsets: [offset] }, reviveQueueId, info.popTime + info.invisibleTime);
}

function changeInOrder(
  broker: BrokerContext,
  header: ChangeMessageInvisibleTimeRequestHeader,
  popTime: number,
): Map<string, string> {
  const { consumerGroup: group, topic, queueId, offset } = header;
  if (offset < broker.consumerOffsets.query(group, topic, queueId)) return new Map();
  const visibleTime = broker.pop.clock.now() + header.invisibleTime;
  broker.pop.orders.changeVisibleTime({ topic, group, queueId, popTime, offsets: [offset] }, visibleTime);
  broker.pop.orderLocks.watch(topic, group, queueId);
  return ChangeMessageInvisibleTime.response.encode({
    popTime,
    invisibleTime: visibleTime - popTime,
    reviveQid: POP_ORDER_REVIVE_QUEUE,
  });
}
