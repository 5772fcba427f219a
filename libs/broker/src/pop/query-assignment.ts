import {
  compareQueues,
  MixAll,
  QueryAssignmentRequestBody,
  QueryAssignmentResponseBody,
  type MessageQueue,
  type MessageQueueAssignment,
  type SetMessageRequestModeRequestBody,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';
import { allocateForPop, QUEUE_ALLOCATIONS } from './allocate-queues.ts';

/**
 * QUERY_ASSIGNMENT (400): shares a topic's queues among the group's clients, and says whether they pull or pop them
 * (QueryAssignmentProcessor). Without queues, clients or a known strategy the answer has no list: the client keeps what
 * it has.
 */
export function queryAssignment(broker: BrokerContext): RequestProcessor {
  return async (request) => {
    const asked = QueryAssignmentRequestBody.decode(request.body);
    const mode = modeOf(broker, asked.topic, asked.consumerGroup);
    const queues = await broker.pop.queues.find(asked.topic);
    const assigned = queues && share(broker, asked, mode, queues);
    const messageQueueAssignments = assigned?.map((messageQueue): MessageQueueAssignment => {
      return { messageQueue, mode: mode.mode };
    });
    return success(request, undefined, QueryAssignmentResponseBody.encode({ messageQueueAssignments }));
  };
}

function modeOf(
  broker: BrokerContext,
  topic: string,
  consumerGroup: string,
): SetMessageRequestModeRequestBody {
  const known = broker.pop.modes.find(topic, consumerGroup);
  if (known) return known;
  const { defaultMessageRequestMode, defaultPopShareQueueNum } = broker.config;
  // What was sent back is in the group's one retry topic, which is pulled.
  const mode = topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX) ? 'PULL' : defaultMessageRequestMode;
  return { topic, consumerGroup, mode, popShareQueueNum: mode === 'POP' ? defaultPopShareQueueNum : 0 };
}

function share(
  broker: BrokerContext,
  asked: ReturnType<typeof QueryAssignmentRequestBody.decode>,
  mode: SetMessageRequestModeRequestBody,
  queues: readonly MessageQueue[],
): MessageQueue[] | undefined {
  if (asked.messageModel === 'BROADCASTING' || !broker.config.serverLoadBalancerEnable) return [...queues];
  const group = broker.consumers.group(asked.consumerGroup);
  const allocate = QUEUE_ALLOCATIONS.get(asked.strategyName);
  if (!group || !allocate || queues.length === 0) return undefined;
  const clients = [...new Set([...group.channels.values()].map((channel) => channel.clientId))].sort();
  const sorted = [...queues].sort(compareQueues);
  return mode.mode === 'POP'
    ? allocateForPop(allocate, asked.clientId, sorted, clients, mode.popShareQueueNum)
    : allocate(asked.clientId, sorted, clients);
}
