import { GetTopicConfig, TopicConfig } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { requireTopic } from './require-topic.ts';

/** GET_TOPIC_CONFIG (351): one topic. 5.x tools ask it where 4.9 read the whole table. */
export function getTopicConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic } = GetTopicConfig.request.decode(request);
    return success(request, undefined, TopicConfig.encode(requireTopic(broker, topic)));
  };
}
