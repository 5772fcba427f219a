import {
  GetRouteInfoByTopic,
  MQVersion,
  RemotingCommand,
  ResponseCode,
  SerializeType,
  type FieldSource,
} from '@nest-rocketmq/protocol';
import type { HotProcessor, RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';
import type { RouteDialect } from '../route/route-cache.ts';

const HEADER_START = '{"code":0,"flag":1,"language":"OTHER","opaque":';
const HEADER_END = `,"serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT}}`;
const LENGTH_WORDS = 8;

/** GET_ROUTEINFO_BY_TOPIC (105): which brokers hold a topic; TOPIC_NOT_EXIST when none does. */
export function getRouteInfoByTopic(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { topic } = GetRouteInfoByTopic.request.decode(request);
    if (isWaiting(context))
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'name server not ready');
    const body = context.routeCache.body(topic, dialectOf(request, request.version));
    if (body) return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
    const remark =
      `No topic route info in name server for the topic: ${topic}. Create the topic, or let the producer send first ` +
      'to a broker with autoCreateTopicEnable';
    return RemotingCommand.response(request, ResponseCode.TOPIC_NOT_EXIST, remark);
  };
}

/**
 * The same for the ordinary case, a route that is known and a JSON header: the kept body goes behind a header of fixed
 * text, straight into the connection's buffer.
 */
export function hotGetRouteInfoByTopic(context: NamesrvContext): HotProcessor {
  return (connection, header) => {
    if (header.serializeType !== SerializeType.JSON || header.isOneway || context.config.needWaitForService)
      return false;
    const topic = header.get('topic');
    if (topic === undefined) return false;
    const body = context.routeCache.body(topic, dialectOf(header, header.version));
    if (!body) return false;
    const text = HEADER_START + header.opaque + HEADER_END;
    const at = connection.reserve(LENGTH_WORDS + text.length + body.length);
    const { out } = connection;
    out.writeInt32BE(4 + text.length + body.length, at);
    out.writeInt32BE(text.length, at + 4);
    out.write(text, at + LENGTH_WORDS, text.length, 'latin1');
    body.copy(out, at + LENGTH_WORDS + text.length);
    return true;
  };
}

/** Clients from 4.9.4 on, and those that say so, want standard JSON (ClientRequestProcessor). */
function dialectOf(fields: FieldSource, version: number): RouteDialect {
  const standard =
    version >= MQVersion.V4_9_4 || fields.get('acceptStandardJsonOnly')?.toLowerCase() === 'true';
  return standard ? 'standard' : 'fastjson';
}

/** `needWaitForService`: no routes until the brokers had the time to register. */
function isWaiting({ config, clock, bootTimestamp }: NamesrvContext): boolean {
  return config.needWaitForService && clock.now() - bootTimestamp < config.waitSecondsForService * 1000;
}
