import {
  ConsumeMessageDirectly,
  decodeOffsetMessageId,
  decodeRecord,
  GetConsumerRunningInfo,
  MQVersion,
  RemotingCommand,
  ResponseCode,
  versionName,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';
import type { ClientChannel } from '../client/client-channel.ts';

/** How long the consumer gets to answer, in milliseconds (Broker2Client.callClient). */
const TIMEOUT_MS = 10_000;

/** GET_CONSUMER_RUNNING_INFO (307): asks one consumer what it does (AdminBrokerProcessor.callConsumer). */
export function getConsumerRunningInfo(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup, clientId } = GetConsumerRunningInfo.request.decode(request);
    return relay(broker, request, consumerGroup, clientId);
  };
}

/**
 * CONSUME_MESSAGE_DIRECTLY (309): has one consumer consume a stored message, which it is sent as it lies in the log
 * (AdminBrokerProcessor.consumeMessageDirectly).
 */
export function consumeMessageDirectly(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup, clientId, msgId, topic } = ConsumeMessageDirectly.request.decode(request);
    const forwarded = new RemotingCommand(
      request.code,
      new Map(request.extFields),
      findMessage(broker, msgId),
    );
    forwarded.extFields.set('brokerName', broker.config.brokerName);
    const topicConfig = topic === undefined ? undefined : broker.topics.select(topic);
    if (topicConfig) forwarded.extFields.set('topicSysFlag', String(topicConfig.topicSysFlag));
    const group = broker.subscriptionGroups.select(consumerGroup);
    if (group) forwarded.extFields.set('groupSysFlag', String(group.groupSysFlag));
    return relay(broker, forwarded, consumerGroup, clientId ?? '');
  };
}

function findMessage(broker: BrokerContext, msgId: string | undefined): Buffer {
  const { offset } = decodeOffsetMessageId(msgId ?? '');
  const record = offset < 0 ? undefined : broker.store.readRecord(offset);
  // An offset inside of a body may look like a record; its own offset gives it away.
  if (record && decodeRecord(record, 0)?.physicalOffset === offset) return record;
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, `can not find message by the id ${msgId}`);
}

async function relay(
  broker: BrokerContext,
  request: RemotingCommand,
  group: string,
  clientId: string,
): Promise<RemotingCommand> {
  const { connection, version } = findConsumer(broker, group, clientId);
  if (version < MQVersion.V3_1_8_SNAPSHOT) {
    throw new ResponseError(
      ResponseCode.SYSTEM_ERROR,
      `The Consumer <${clientId}> Version <${versionName(version)}> too low to finish, please upgrade it to V3_1_8_SNAPSHOT`,
    );
  }
  const forwarded = RemotingCommand.request(request.code, new Map(request.extFields), request.body);
  try {
    return await connection.request(forwarded, TIMEOUT_MS);
  } catch (error) {
    if (error instanceof RocketMQError && error.code === 'TIMEOUT') {
      const remark = `consumer <${group}> <${clientId}> Timeout: ${error.message}`;
      throw new ResponseError(ResponseCode.CONSUME_MSG_TIMEOUT, remark);
    }
    const remark = `invoke consumer <${group}> <${clientId}> Exception: ${String(error)}`;
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
  }
}

function findConsumer(broker: BrokerContext, group: string, clientId: string): ClientChannel {
  for (const channel of broker.consumers.group(group)?.channels.values() ?? [])
    if (channel.clientId === clientId) return channel;
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, `The Consumer <${group}> <${clientId}> not online`);
}
