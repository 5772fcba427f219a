import { GetTopicsByCluster, RemotingCommand, ResponseCode, TopicList } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_TOPICS_BY_CLUSTER (224): the topics of one cluster. */
export function getTopicsByCluster(context: NamesrvContext): RequestProcessor {
  return (request) => {
    if (!context.config.enableTopicList)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'disable');
    const { cluster } = GetTopicsByCluster.request.decode(request);
    const topicList = context.routes.topicsOfCluster(cluster);
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      TopicList.encode({ topicList }),
    );
  };
}
