import { ResponseCode, type TopicConfig } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';

/**
 * The configuration of a topic.
 * @throws ResponseError TOPIC_NOT_EXIST (17)
 */
export function requireTopic(broker: BrokerContext, topic: string): TopicConfig {
  const config = broker.topics.select(topic);
  if (config) return config;
  throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `No topic in this broker. topic: ${topic}`);
}
