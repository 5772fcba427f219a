import {
  RegisterTopicInNamesrv,
  RemotingCommand,
  ResponseCode,
  TopicRouteData,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { checkName } from './check-name.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/** REGISTER_TOPIC_IN_NAMESRV (217, 5.x): enters the queues of one topic. */
export function registerTopicInNamesrv(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { topic } = RegisterTopicInNamesrv.request.decode(request);
    checkName('topic', topic);
    if (request.body.length > 0)
      context.routes.registerTopic(topic, TopicRouteData.decode(request.body).queueDatas);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
