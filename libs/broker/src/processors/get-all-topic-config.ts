import { GetAllTopicConfig, TopicConfigSerializeWrapper } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_ALL_TOPIC_CONFIG (21): the whole table and its version, whatever page was asked for, as 4.9 gives it. */
export function getAllTopicConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const wrapper = broker.topics.wrapper();
    const fields = GetAllTopicConfig.response.encode({ totalTopicNum: wrapper.topicConfigTable.size });
    return success(request, fields, TopicConfigSerializeWrapper.encode(wrapper));
  };
}
