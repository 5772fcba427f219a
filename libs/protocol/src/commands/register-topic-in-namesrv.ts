/*
 * REGISTER_TOPIC_IN_NAMESRV (217), broker to NameServer
 *   request  topic
 *   body     of the request: TopicRouteData, of which queueDatas count
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const registerTopicInNamesrvRequestHeader = header({
  topic: text,
});

/** The fields of RegisterTopicInNamesrv's request. */
export type RegisterTopicInNamesrvRequestHeader = HeaderType<typeof registerTopicInNamesrvRequestHeader>;

/** The answer carries no fields. */
export type RegisterTopicInNamesrvResponseHeader = EmptyHeader;

/** Enters the queues of one topic. */
export const RegisterTopicInNamesrv = command(
  RequestCode.REGISTER_TOPIC_IN_NAMESRV,
  'RegisterTopicInNamesrv',
  registerTopicInNamesrvRequestHeader,
);
