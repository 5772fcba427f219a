import {
  Notification,
  popRetryTopicV1,
  popRetryTopicV2,
  RemotingCommand,
  ResponseCode,
  type NotificationRequestHeader,
} from '@nest-rocketmq/protocol';
import type { Connection, RequestProcessor } from '@nest-rocketmq/remoting';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';
import { admitPop, popFilter, refuseStale } from './pop-admission.ts';
import { peekPopOffset } from './pop-offset.ts';

/** NOTIFICATION (200054): says when there is something to pop (NotificationProcessor), and waits for it. */
export function notification(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    if (request.isOneway) return undefined;
    const header = Notification.request.decode(request);
    const bornTime = header.bornTime === 0 ? broker.clock.now() : header.bornTime;
    refuseStale(broker, bornTime, header.pollTime);
    return answer(broker, request, connection, header, bornTime + header.pollTime);
  };
}

function answer(
  broker: BrokerContext,
  request: RemotingCommand,
  connection: Connection,
  header: NotificationRequestHeader,
  deadline: number,
): RemotingCommand | undefined {
  admitPop(broker, header, connection.remoteAddress);
  const { topic, consumerGroup: group, queueId, pollTime } = header;
  const filter = popFilter(broker, topic, header.exp, header.expType);
  if (hasMessages(broker, header))
    return success(request, Notification.response.encode({ hasMsg: true, pollingFull: false }));
  const run = (): void => {
    const result = attempt(request, () => answer(broker, request, connection, header, deadline));
    if (result) connection.respond(result);
  };
  const held = broker.pop.notified.hold(
    { connection, topic, group, queueId, deadline, matches: filter.matches, run },
    pollTime,
  );
  if (held === 'HELD') return undefined;
  const fields = Notification.response.encode({ hasMsg: false, pollingFull: held === 'FULL' });
  return success(request, fields);
}

/** What goes wrong concerns the one that waited alone. */
function attempt(
  request: RemotingCommand,
  task: () => RemotingCommand | undefined,
): RemotingCommand | undefined {
  try {
    return task();
  } catch (error) {
    const known = error instanceof RocketMQError ? error.responseCode : undefined;
    const remark = error instanceof Error ? error.message : String(error);
    return RemotingCommand.response(request, known ?? ResponseCode.SYSTEM_ERROR, remark);
  }
}

function hasMessages(broker: BrokerContext, header: NotificationRequestHeader): boolean {
  const { topic, consumerGroup: group, queueId } = header;
  const has = (name: string, queue: number): boolean =>
    broker.store.getMaxOffset(name, queue) > peekPopOffset(broker, group, name, queue);
  const blocked = (queue: number): boolean =>
    header.order && broker.pop.orders.blockedUntil(topic, group, queue, header.attemptId) !== undefined;
  const queues = (name: string): number[] =>
    Array.from({ length: broker.topics.select(name)?.readQueueNums ?? 0 }, (_, queue) => queue);
  const wanted = queueId < 0 ? queues(topic) : [queueId];
  if (wanted.some((queue) => !blocked(queue) && has(topic, queue))) return true;
  if (header.order) return false;
  return [popRetryTopicV1(topic, group), popRetryTopicV2(topic, group)].some((retry) =>
    queues(retry).some((queue) => has(retry, queue)),
  );
}
