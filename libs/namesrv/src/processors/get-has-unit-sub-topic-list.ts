import { RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_HAS_UNIT_SUB_TOPIC_LIST (312): topics with the unit subscription flag. */
export function getHasUnitSubTopicList(context: NamesrvContext): RequestProcessor {
  return (request) => {
    if (!context.config.enableTopicList)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'disable');
    const topicList = context.routes.topics.unitTopics('unitSub');
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      TopicList.encode({ topicList }),
    );
  };
}
