import { RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_UNIT_TOPIC_LIST (311): topics with the unit flag. */
export function getUnitTopicList(context: NamesrvContext): RequestProcessor {
  return (request) => {
    if (!context.config.enableTopicList)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'disable');
    const topicList = context.routes.topics.unitTopics('unit');
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      TopicList.encode({ topicList }),
    );
  };
}
