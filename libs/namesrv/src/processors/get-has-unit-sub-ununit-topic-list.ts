import { RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST (313): topics with the unit subscription flag alone. */
export function getHasUnitSubUnunitTopicList(context: NamesrvContext): RequestProcessor {
  return (request) => {
    if (!context.config.enableTopicList)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'disable');
    const topicList = context.routes.topics.unitTopics('unitSubNotUnit');
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      TopicList.encode({ topicList }),
    );
  };
}
