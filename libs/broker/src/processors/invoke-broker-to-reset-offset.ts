import { printable } from '@nest-rocketmq/runtime';
import {
  InvokeBrokerToResetOffset,
  MQVersion,
  RemotingCommand,
  RequestCode,
  ResetConsumerClientOffset,
  ResetOffsetBody,
  ResetOffsetBodyForC,
  ResponseCode,
  versionName,
  type InvokeBrokerToResetOffsetRequestHeader,
  type QueueEntry,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { requireTopic } from './require-topic.ts';

/**
 * INVOKE_BROKER_TO_RESET_OFFSET (222): has a group go on elsewhere (AdminBrokerProcessor.resetOffset). With
 * `useServerSideResetOffset`, the default, the broker sets the offsets itself, whether the group is online or not, and
 * tells its members with their next pull (21); pulls that are held are answered at once. Without it the members are told
 * (220), as a 4.9 broker does.
 */
export function invokeBrokerToResetOffset(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const header = InvokeBrokerToResetOffset.request.decode(request);
    const topic = requireTopic(broker, header.topic);
    const what = printable(`group ${header.group}, topic ${header.topic}`);
    broker.logger.info(`${connection.remoteAddress} resets offsets: ${what}, time ${header.timestamp}`);
    const offsetTable = broker.config.useServerSideResetOffset
      ? resetHere(broker, header, topic)
      : resetAtMembers(broker, header, topic, request.language === 'CPP');
    return success(request, undefined, ResetOffsetBody.encode({ offsetTable }));
  };
}

function resetHere(
  broker: BrokerContext,
  header: InvokeBrokerToResetOffsetRequestHeader,
  config: TopicConfig,
): QueueEntry<number>[] {
  const { group, topic, queueId, offset, timestamp } = header;
  if (!broker.subscriptionGroups.select(group))
    throw new ResponseError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${group} does not exist`);
  if (queueId >= config.readQueueNums) {
    const remark = `Topic ${topic} has ${config.readQueueNums} queues, ${queueId} is none of them`;
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
  }
  const targets = new Map<number, number>();
  if (queueId >= 0 && offset !== undefined && offset !== -1)
    targets.set(queueId, requireInQueue(broker, topic, queueId, offset));
  else if (queueId >= 0) targets.set(queueId, offsetAt(broker, topic, queueId, timestamp));
  else for (let i = 0; i < config.readQueueNums; i++) targets.set(i, offsetAt(broker, topic, i, timestamp));
  if (targets.size === 0) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'No queues to reset.');
  for (const [id, target] of targets) broker.consumerOffsets.reset(group, topic, id, target);
  for (const id of targets.keys()) broker.heldPulls.releaseGroup(topic, id, group);
  return [...targets].map(([id, value]) => ({ queue: queueOf(broker, topic, id), value }));
}

function resetAtMembers(
  broker: BrokerContext,
  header: InvokeBrokerToResetOffsetRequestHeader,
  config: TopicConfig,
  forC: boolean,
): QueueEntry<number>[] {
  const { group, topic, timestamp, isForce } = header;
  const offsetTable: QueueEntry<number>[] = [];
  for (let queueId = 0; queueId < config.writeQueueNums; queueId++) {
    const known = broker.consumerOffsets.query(group, topic, queueId);
    if (known === -1)
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, `The consumer group <${group}> not exist`);
    const target = offsetAt(broker, topic, queueId, timestamp);
    const value = isForce ? target : Math.min(target, known);
    offsetTable.push({ queue: queueOf(broker, topic, queueId), value });
  }
  const members = [...(broker.consumers.group(group)?.channels.values() ?? [])];
  if (members.length === 0) {
    const remark = `Consumer not online, so can not reset offset, Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`;
    throw new ResponseError(ResponseCode.CONSUMER_NOT_ONLINE, remark);
  }
  for (const { version } of members) {
    if (version >= MQVersion.V3_0_7_SNAPSHOT) continue;
    const remark = `the client does not support this feature. version=${versionName(version)}`;
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
  }
  const body = forC ? bodyForC(offsetTable) : ResetOffsetBody.encode({ offsetTable });
  const fields = ResetConsumerClientOffset.request.encode({ group, topic, timestamp, queueId: -1, isForce });
  for (const { connection } of members) {
    if (!connection.closed)
      connection.oneway(RemotingCommand.request(RequestCode.RESET_CONSUMER_CLIENT_OFFSET, fields, body));
  }
  return offsetTable;
}

function offsetAt({ store }: BrokerContext, topic: string, queueId: number, timestamp: number): number {
  const offset =
    timestamp < 0 ? store.getMaxOffset(topic, queueId) : store.getOffsetByTime(topic, queueId, timestamp);
  return Math.max(0, offset);
}

function requireInQueue({ store }: BrokerContext, topic: string, queueId: number, offset: number): number {
  const min = Math.max(0, store.getMinOffset(topic, queueId));
  const max = Math.max(0, store.getMaxOffset(topic, queueId));
  if (offset >= min && offset <= max + 1) return offset;
  const remark = `Target offset ${offset} not in consume queue range [${min}-${max}]`;
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
}

function queueOf({ config }: BrokerContext, topic: string, queueId: number): QueueEntry<number>['queue'] {
  return { topic, brokerName: config.brokerName, queueId };
}

function bodyForC(entries: readonly QueueEntry<number>[]): Buffer {
  return ResetOffsetBodyForC.encode({
    offsetTable: entries.map(({ queue, value }) => ({ ...queue, offset: value })),
  });
}
