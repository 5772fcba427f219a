import { isPropertyText, ResponseCode, validateGroup } from '@nest-rocketmq/protocol';
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

/**
 * Checks what a client says of its pop before it is written into the log.
 * @throws ResponseError INVALID_PARAMETER (29) for a revive queue there is not, or names that no group or broker has
 */
export function checkReceipt(
  broker: BrokerContext,
  { group, brokerName, reviveQueueId }: { group: string; brokerName: string; reviveQueueId: number },
): void {
  const queues = broker.config.reviveQueueNum;
  if (reviveQueueId < 0 || reviveQueueId >= queues) {
    throw new ResponseError(
      ResponseCode.INVALID_PARAMETER,
      `reviveQid[${reviveQueueId}] is illegal: the revive log has ${queues} queues (reviveQueueNum)`,
    );
  }
  // Both become part of the record's properties, which nothing may break out of.
  const problem =
    validateGroup(group) ?? (isPropertyText(brokerName) ? undefined : 'The broker name is illegal.');
  if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem);
}
