import { RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_SYSTEM_TOPIC_LIST_FROM_NS (304): the names of clusters and brokers, and some broker for tools to go on with. */
export function getSystemTopicListFromNs(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { clusters, brokers } = context.routes.brokers;
    const topicList = [...clusters].flatMap(([cluster, names]) => [cluster, ...names]);
    const brokerAddr = [...brokers.values()].flatMap((broker) => [...broker.brokerAddrs.values()])[0];
    const body = TopicList.encode({ topicList, ...(brokerAddr === undefined ? {} : { brokerAddr }) });
    return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
  };
}
