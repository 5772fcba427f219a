import {
  crc32,
  encodeCompressedRegisterBrokerBody,
  MQVersion,
  RegisterBroker,
  RegisterBrokerBody,
  RemotingCommand,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import type { TopicConfigManager } from '../topic/topic-config-manager.ts';
import type { RegistrationConfig } from './broker-registration.ts';

/** Where a broker is found, as `ip:port`. */
export interface BrokerAddresses {
  /** By clients. */
  readonly brokerAddr: string;
  /** By slaves. */
  readonly haServerAddr: string;
}

/** The fields by which codes 103, 104 and 322 name a broker. */
export function brokerIdentity(
  config: RegistrationConfig,
  addresses: BrokerAddresses,
): { brokerName: string; brokerAddr: string; clusterName: string; brokerId: number } {
  return {
    brokerName: config.brokerName,
    brokerAddr: addresses.brokerAddr,
    clusterName: config.brokerClusterName,
    brokerId: config.brokerId,
  };
}

/**
 * The request that registers the broker with all its topics (103). It always carries all of them: a NameServer refuses a
 * broker that begins with one, and may drop those that are not named.
 */
export function registerRequest(
  config: RegistrationConfig,
  addresses: BrokerAddresses,
  topics: TopicConfigManager,
): RemotingCommand {
  const content: RegisterBrokerBody = {
    topicConfigSerializeWrapper: {
      dataVersion: topics.dataVersion,
      topicConfigTable: visibleTopics(topics.topics, config.brokerPermission),
    },
    filterServerList: [],
  };
  const body = config.compressedRegister
    ? encodeCompressedRegisterBrokerBody(content, MQVersion.CURRENT)
    : RegisterBrokerBody.encode(content);
  const fields = RegisterBroker.request.encode({
    ...brokerIdentity(config, addresses),
    haServerAddr: addresses.haServerAddr,
    enableActingMaster: config.enableSlaveActingMaster,
    ...(config.enableSlaveActingMaster
      ? { heartbeatTimeoutMillis: config.brokerNotActiveTimeoutMillis }
      : {}),
    compressed: config.compressedRegister,
    bodyCrc32: crc32(body),
  });
  return RemotingCommand.request(RegisterBroker.code, fields, body);
}

/** `brokerPermission` takes rights from every topic that clients see. */
function visibleTopics(
  topics: ReadonlyMap<string, TopicConfig>,
  brokerPermission: number,
): Map<string, TopicConfig> {
  const masked = new Map(topics);
  if ((brokerPermission & 6) === 6) return masked;
  for (const [name, topic] of topics) masked.set(name, { ...topic, perm: topic.perm & brokerPermission });
  return masked;
}
