import {
  decodeRecord,
  encodeHost,
  encodeProperties,
  encodeRecord,
  MessageConst,
  MixAll,
  type PushReplyMessageToClientRequestHeader,
} from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { Message, MessageExt } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import type { MessageQueueSelector, SendOptions } from './send-options.ts';

/** The value of `MSG_TYPE` by which a reply is known (`MixAll.REPLY_MESSAGE_FLAG`). */
export const REPLY_MESSAGE_FLAG = 'reply';

/** The topic through which the replies of a cluster go (`MixAll.getReplyTopic`). */
export function replyTopic(cluster: string): string {
  return `${cluster}_${MixAll.REPLY_TOPIC_POSTFIX}`;
}

/** Whether the sender of a message waits for a reply to it. */
export function isRequest(message: MessageExt): boolean {
  const { properties } = message;
  return (
    properties.has(MessageConst.PROPERTY_CORRELATION_ID) &&
    properties.has(MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT) &&
    properties.get(MessageConst.PROPERTY_MESSAGE_TYPE) !== REPLY_MESSAGE_FLAG
  );
}

/** What a reply carries. */
export type ReplyMessage = Pick<Message, 'body'> & Partial<Pick<Message, 'tags' | 'keys' | 'properties'>>;

/**
 * The reply to a request, to be sent by any producer (`MessageUtil.createReplyMessage`).
 * @throws RocketMQError `INVALID_ARGUMENT` with response code 10007 when the message is no request, or its broker is too
 * old to tell its cluster (before 4.7)
 */
export function createReplyMessage(request: MessageExt, reply: ReplyMessage): Message {
  const { properties } = request;
  const cluster = properties.get(MessageConst.PROPERTY_CLUSTER);
  const replyTo = properties.get(MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT);
  const correlationId = properties.get(MessageConst.PROPERTY_CORRELATION_ID);
  if (replyTo === undefined || correlationId === undefined)
    throw noReply(
      `message ${request.msgId} of topic ${request.topic} is not a request: nobody waits for a reply`,
    );
  if (cluster === undefined)
    throw noReply(
      `message ${request.msgId} has no property ${MessageConst.PROPERTY_CLUSTER}: its broker is too old`,
    );
  const ttl = properties.get(MessageConst.PROPERTY_MESSAGE_TTL);
  return {
    ...reply,
    topic: replyTopic(cluster),
    systemProperties: {
      [MessageConst.PROPERTY_MESSAGE_TYPE]: REPLY_MESSAGE_FLAG,
      [MessageConst.PROPERTY_CORRELATION_ID]: correlationId,
      [MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT]: replyTo,
      ...(ttl === undefined ? {} : { [MessageConst.PROPERTY_MESSAGE_TTL]: ttl }),
    },
  };
}

/** Has a reply sent through the broker that its request came from: that one certainly knows the requester. */
export function replyOptions(request: MessageExt, options: SendOptions = {}): SendOptions {
  if (options.queue || options.selector) return options;
  const selector: MessageQueueSelector = (queues) => {
    const near = queues.find(({ brokerName }) => brokerName === request.brokerName) ?? queues[0];
    if (near) return near;
    throw new RocketMQError('NO_BROKER', `The reply to message ${request.msgId} has no queue to go to`);
  };
  return { ...options, selector };
}

/** A reply that a broker pushed, as a message. */
export function pushedReply(
  header: PushReplyMessageToClientRequestHeader,
  properties: ReadonlyMap<string, string>,
  body: Buffer,
  brokerName: string,
): MessageExt {
  const record = encodeRecord({
    topic: header.topic,
    body,
    properties: encodeProperties(properties),
    bornHost: hostOf(header.bornHost),
    storeHost: hostOf(header.storeHost),
    queueId: header.queueId,
    flag: header.flag,
    sysFlag: header.sysFlag,
    bornTimestamp: header.bornTimestamp,
    storeTimestamp: header.storeTimestamp,
    reconsumeTimes: header.reconsumeTimes ?? 0,
  });
  const decoded = decodeRecord(record, 0);
  if (!decoded) throw new RocketMQError('PROTOCOL', 'The broker pushed a reply that is not a message');
  return new ReceivedMessage(decoded, { brokerName });
}

/** Java writes `ip:port`, an IPv6 address without brackets. */
function hostOf(text: string): Buffer {
  const at = text.lastIndexOf(':');
  const ip = text
    .slice(0, at)
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^\//, '');
  return encodeHost(ip, Number(text.slice(at + 1)));
}

function noReply(why: string): RocketMQError {
  return new RocketMQError('INVALID_ARGUMENT', `No reply can be made: ${why}`, {
    responseCode: ClientErrorCode.CREATE_REPLY_MESSAGE_EXCEPTION,
  });
}
