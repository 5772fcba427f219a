import {
  PeekMessage,
  popRetryTopicV1,
  popRetryTopicV2,
  RemotingCommand,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { admitPop, checkPopLimits } from './pop-admission.ts';
import { peekPopOffset } from './pop-offset.ts';
import { PopResult } from './pop-result.ts';

/** PEEK_MESSAGE (200052): reads what the group's next pop would take, and takes nothing (PeekMessageProcessor). */
export function peekMessage(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    if (request.isOneway) return undefined;
    const header = PeekMessage.request.decode(request);
    checkPopLimits(broker, header.maxMsgNums, 0);
    const topic = admitPop(broker, header, connection.remoteAddress);
    const { consumerGroup, maxMsgNums } = header;
    const result = new PopResult(broker.store);
    const peek = (name: string, queueId: number): void => {
      const offset = peekPopOffset(broker, consumerGroup, name, queueId);
      result.restNum += Math.max(0, broker.store.getMaxOffset(name, queueId) - offset);
      const maxNums = maxMsgNums - result.count;
      if (maxNums <= 0) return;
      const selection = broker.store.select({ topic: name, queueId, offset, maxNums });
      if (selection.count > 0) result.add(selection);
    };
    const peekAll = (name: string, queues: number): void => {
      const first = Math.floor(Math.random() * queues);
      for (let i = 0; i < queues; i++) peek(name, (first + i) % queues);
    };
    if (header.queueId < 0) peekAll(topic.topicName, topic.readQueueNums);
    else peek(topic.topicName, header.queueId);
    for (const name of [
      popRetryTopicV1(header.topic, consumerGroup),
      popRetryTopicV2(header.topic, consumerGroup),
    ])
      peekAll(name, broker.topics.select(name)?.readQueueNums ?? 0);
    const fields = PeekMessage.response.encode({
      popTime: 0,
      invisibleTime: 0,
      reviveQid: 0,
      restNum: result.restNum,
    });
    const found = result.count > 0;
    if (found && result.answer(connection, request, ResponseCode.SUCCESS, 'FOUND', fields)) return undefined;
    return RemotingCommand.response(request, ResponseCode.PULL_NOT_FOUND, 'NO_MESSAGE_IN_QUEUE', fields);
  };
}
