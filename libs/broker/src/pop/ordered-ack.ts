import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';

/** A message of an ordered pop that is consumed. */
export interface OrderedMessage {
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  readonly offset: number;
  readonly popTime: number;
}

/**
 * Acknowledges a message that is consumed in order, and moves the group's offset (AckMessageProcessor.ackOrderly). One
 * behind the offset, or of a pop whose messages somebody else has by now, changes nothing.
 * @throws ResponseError MESSAGE_ILLEGAL (13) for an offset that was not handed out
 */
export function ackInOrder(broker: BrokerContext, message: OrderedMessage, clientHost: string): void {
  const { consumerOffsets, pop } = broker;
  const { topic, group, queueId, offset, popTime } = message;
  const committed = consumerOffsets.query(group, topic, queueId);
  if (offset < committed) return;
  const ack = pop.orders.acknowledge(topic, group, queueId, offset, popTime);
  if (ack === 'STALE') return;
  if (ack === 'ILLEGAL') {
    const key = `${topic}@${group}@${queueId}`;
    throw new ResponseError(
      ResponseCode.MESSAGE_ILLEGAL,
      `offset is illegal, key:${key}, old:${committed}, commit:${offset}, next:-1, ${clientHost}`,
    );
  }
  if (!consumerOffsets.hasReset(group, topic, queueId))
    consumerOffsets.commit(clientHost, group, topic, queueId, ack.nextOffset);
  pop.orderLocks.watch(topic, group, queueId);
}
