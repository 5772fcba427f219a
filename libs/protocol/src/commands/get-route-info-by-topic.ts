/*
 * GET_ROUTEINFO_BY_TOPIC (105), client to NameServer
 *   request  topic [acceptStandardJsonOnly:bool]
 *   body     of the answer: TopicRouteData
 */
import { RequestCode } from '../codes/request-code.ts';
import { bool, command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const getRouteInfoByTopicRequestHeader = header({
  topic: text,
  acceptStandardJsonOnly: optional(bool),
});

/** The fields of GetRouteInfoByTopic's request. */
export type GetRouteInfoByTopicRequestHeader = HeaderType<typeof getRouteInfoByTopicRequestHeader>;

/** The answer carries no fields. */
export type GetRouteInfoByTopicResponseHeader = EmptyHeader;

/** Which brokers hold a topic. */
export const GetRouteInfoByTopic = command(
  RequestCode.GET_ROUTEINFO_BY_TOPIC,
  'GetRouteInfoByTopic',
  getRouteInfoByTopicRequestHeader,
);
