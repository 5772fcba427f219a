import { printable } from '@nest-rocketmq/runtime';
import {
  HeartBeat,
  HeartbeatData,
  PermName,
  ResponseCode,
  retryTopic,
  TopicSysFlag,
  validateGroup,
  validateTopic,
  type ConsumerData,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import type { ClientChannel } from '../client/client-channel.ts';
import { success } from './answer.ts';

const MAX_CLIENT_ID_LENGTH = 255;

/**
 * HEART_BEAT (34): the groups that live in a client (ClientManageProcessor). A consumer group gets its configuration and
 * its retry topic here, and its first answer when the NameServers know that topic: a consumer that asks for its route
 * next would miss it else, and ask again much later. Groups with illegal names, or that may not be created, are passed
 * over; the heartbeat of the others holds.
 */
export function heartBeat(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const heartbeat = HeartbeatData.decode(request.body);
    if (heartbeat.clientID === '' || heartbeat.clientID.length > MAX_CLIENT_ID_LENGTH) {
      throw new ResponseError(
        ResponseCode.INVALID_PARAMETER,
        `a heartbeat needs a clientID of 1 to ${MAX_CLIENT_ID_LENGTH} characters`,
      );
    }
    const channel = (): ClientChannel => ({
      connection,
      clientId: heartbeat.clientID,
      language: request.language,
      version: request.version,
      lastHeartbeat: broker.clock.now(),
    });
    const fingerprint = heartbeat.heartbeatFingerprint ?? 0;
    const light = fingerprint !== 0 && heartbeat.withoutSub === true;
    let subscriptionsChanged = fingerprint === 0;
    const { size } = broker.topics.topics;
    for (const consumer of heartbeat.consumerDataSet) {
      const differs = registerConsumer(broker, consumer, channel(), fingerprint, light);
      if (fingerprint !== 0 && differs) subscriptionsChanged = true;
    }
    for (const producer of heartbeat.producerDataSet) {
      if (validateGroup(producer.groupName) === undefined)
        broker.producers.register(producer.groupName, channel());
      else
        broker.logger.warn(
          `${connection.remoteAddress} sent a heartbeat of producer group ${printable(producer.groupName)}: not a legal name`,
        );
    }
    const answer = success(
      request,
      HeartBeat.response.encode({ isSupportHeartBeatV2: true, isSubChange: subscriptionsChanged }),
    );
    return broker.topics.topics.size === size ? answer : broker.topicsKnown().then(() => answer);
  };
}

/** @returns whether another fingerprint was known for the group */
function registerConsumer(
  broker: BrokerContext,
  consumer: ConsumerData,
  channel: ClientChannel,
  fingerprint: number,
  light: boolean,
): boolean {
  const { topics, subscriptionGroups, consumers } = broker;
  const group = subscriptionGroups.find(consumer.groupName);
  if (!group) {
    broker.logger.warn(
      `${channel.connection.remoteAddress} sent a heartbeat of group ${printable(consumer.groupName)}, which does not exist`,
    );
    return false;
  }
  const subscriptions = consumer.subscriptionDataSet.filter(
    ({ topic }) => topics.select(topic) !== undefined || validateTopic(topic) === undefined,
  );
  const differs = consumers.exchangeFingerprint(group.groupName, fingerprint);
  if (group.retryQueueNums > 0) {
    const order = subscriptions.some(({ topic }) => topics.select(topic)?.order === true);
    const sysFlag = consumer.unitMode ? TopicSysFlag.UNIT_SUB : 0;
    topics.createTopicInSendBack(
      retryTopic(group.groupName),
      group.retryQueueNums,
      PermName.READ | PermName.WRITE,
      sysFlag,
      order,
    );
  }
  const behaviour = {
    consumeType: consumer.consumeType,
    messageModel: consumer.messageModel,
    consumeFromWhere: consumer.consumeFromWhere,
  };
  if (!light) broker.consumerFilters.register(group.groupName, subscriptions);
  consumers.register(
    group.groupName,
    channel,
    behaviour,
    light ? undefined : subscriptions,
    group.notifyConsumerIdsChangedEnable,
  );
  return differs;
}
