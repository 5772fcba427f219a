import {
  ConsumeMessageDirectly,
  ConsumeMessageDirectlyResult,
  ConsumerRunningInfo,
  GetConsumerRunningInfo,
  GetConsumerStatusBody,
  GetConsumerStatusFromClient,
  NotifyConsumerIdsChanged,
  RemotingCommand,
  ResetConsumerClientOffset,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RemotingClient } from '@nest-rocketmq/remoting';
import type { Logger } from '@nest-rocketmq/runtime';
import { decodeResetOffsets } from '../consumer/reset-offset.ts';
import type { ConsumerMember } from './members.ts';
import { processState } from './process-state.ts';

/** Answers what brokers ask of a client (`ClientRemotingProcessor`): on their own account, or for a console. */
export function registerServerCommands(
  remoting: RemotingClient,
  consumers: ReadonlyMap<string, ConsumerMember>,
  logger: Logger,
): void {
  const find = (group: string): ConsumerMember => {
    const consumer = consumers.get(group);
    if (!consumer)
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        `The consumer group <${group}> is not in this client`,
      );
    return consumer;
  };

  remoting.register(NotifyConsumerIdsChanged.code, (request) => {
    const { consumerGroup } = NotifyConsumerIdsChanged.request.decode(request);
    consumers.get(consumerGroup)?.rebalanceSoon();
    return undefined;
  });

  remoting.register(ResetConsumerClientOffset.code, async (request) => {
    const { group, topic } = ResetConsumerClientOffset.request.decode(request);
    const offsets = decodeResetOffsets(request.body);
    logger.info(`The broker resets the offsets of topic ${topic} for group ${group}`);
    await consumers.get(group)?.resetOffsets(topic, offsets);
    return undefined;
  });

  remoting.register(GetConsumerStatusFromClient.code, (request) => {
    const { group, topic } = GetConsumerStatusFromClient.request.decode(request);
    const body = { messageQueueTable: find(group).offsets(topic), consumerTable: new Map() };
    return success(request, GetConsumerStatusBody.encode(body));
  });

  remoting.register(GetConsumerRunningInfo.code, (request) => {
    const { consumerGroup, jstackEnable } = GetConsumerRunningInfo.request.decode(request);
    const info = find(consumerGroup).runningInfo();
    const jstack = jstackEnable ? { jstack: processState() } : {};
    return success(request, ConsumerRunningInfo.encode({ ...info, ...jstack }));
  });

  remoting.register(ConsumeMessageDirectly.code, async (request) => {
    const { consumerGroup, brokerName } = ConsumeMessageDirectly.request.decode(request);
    const result = await find(consumerGroup).consumeDirectly(request, brokerName);
    return success(request, ConsumeMessageDirectlyResult.encode(result));
  });
}

function success(request: RemotingCommand, body: Buffer): RemotingCommand {
  return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
}
