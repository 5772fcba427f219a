import { GroupList, QueryTopicConsumeByWho } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** QUERY_TOPIC_CONSUME_BY_WHO (300): the groups that subscribe to a topic or have offsets on it. */
export function queryTopicConsumeByWho(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic } = QueryTopicConsumeByWho.request.decode(request);
    const groups = new Set([
      ...broker.consumers.subscribersOf(topic),
      ...broker.consumerOffsets.groupsOf(topic),
    ]);
    return success(request, undefined, GroupList.encode({ groupList: [...groups] }));
  };
}
