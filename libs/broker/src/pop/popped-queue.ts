import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type Connection } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';

/**
 * The bounds of a queue that a message was popped from.
 * @throws ResponseError TOPIC_NOT_EXIST (17), or MESSAGE_ILLEGAL (13) for a queue that the topic doesn't have
 */
export function requirePoppedQueue(
  broker: BrokerContext,
  topic: string,
  queueId: number,
  connection: Connection,
): { minOffset: number; maxOffset: number } {
  const config = broker.topics.select(topic);
  if (!config)
    throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist, apply first please!`);
  if (queueId < 0 || queueId >= config.readQueueNums) {
    throw new ResponseError(
      ResponseCode.MESSAGE_ILLEGAL,
      `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] ` +
        `consumer:[${connection.remoteAddress}]`,
    );
  }
  return {
    minOffset: broker.store.getMinOffset(topic, queueId),
    maxOffset: broker.store.getMaxOffset(topic, queueId),
  };
}

/** @throws ResponseError INVALID_PARAMETER (29) for a receipt that names a revive queue there is not */
export function checkReviveQueue(broker: BrokerContext, reviveQueueId: number): void {
  const queues = broker.config.reviveQueueNum;
  if (reviveQueueId >= 0 && reviveQueueId < queues) return;
  throw new ResponseError(
    ResponseCode.INVALID_PARAMETER,
    `reviveQid[${reviveQueueId}] is illegal: the revive log has ${queues} queues (reviveQueueNum)`,
  );
}
