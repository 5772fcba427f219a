import { DeleteTopicInNamesrv, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** DELETE_TOPIC_IN_NAMESRV (216): removes a topic, everywhere or in one cluster (5.x). */
export function deleteTopicInNamesrv(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { topic, clusterName } = DeleteTopicInNamesrv.request.decode(request);
    context.routes.deleteTopic(topic, clusterName === '' ? undefined : clusterName);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
