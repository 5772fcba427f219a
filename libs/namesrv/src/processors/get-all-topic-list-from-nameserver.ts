import { RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206): all topics, unless `enableAllTopicList` is off. */
export function getAllTopicListFromNameserver(context: NamesrvContext): RequestProcessor {
  return (request) => {
    if (!context.config.enableAllTopicList)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'disable');
    const topicList = [...context.routes.topics.names];
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      TopicList.encode({ topicList }),
    );
  };
}
