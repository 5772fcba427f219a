import { MessageConst, RESERVED_PROPERTIES, retryTopic } from '@nest-rocketmq/protocol';
import type { Message } from '../message/message.ts';
import { illegal } from '../message/validators.ts';
import { withNamespace } from '../namespace/namespace.ts';
import { REJECT_REASON, REJECTED_BY, type DeadLetter } from './dead-letter.ts';

/** Where a dead letter is sent again: to its topic of origin, or to the group that gave it up alone. */
export type ReplayTarget = 'topic' | 'group';

/**
 * The message that a dead letter was: to be sent again. It keeps its id, so that consumers that know ids take it once.
 * @throws RocketMQError `INVALID_ARGUMENT` when nothing tells its topic
 */
export function replayOf(letter: DeadLetter, to: ReplayTarget, namespace: string): Message {
  const { message, topic, tag, keys, group } = letter;
  if (topic === undefined) {
    throw illegal(
      `The dead letter ${letter.msgId} of group ${group} has neither DLQ_ORIGIN_TOPIC nor RETRY_TOPIC: nothing tells where it came from`,
    );
  }
  const properties: Record<string, string> = Object.fromEntries(
    [...message.properties].filter(
      ([name]) => !RESERVED_PROPERTIES.has(name) && name !== REJECT_REASON && name !== REJECTED_BY,
    ),
  );
  const origin =
    message.properties.get(MessageConst.PROPERTY_DLQ_ORIGIN_MESSAGE_ID) ?? letter.originMessageId;
  const systemProperties: Record<string, string> = {
    [MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX]: letter.msgId,
    ...(origin !== undefined && { [MessageConst.PROPERTY_DLQ_ORIGIN_MESSAGE_ID]: origin }),
    ...(to === 'group' && { [MessageConst.PROPERTY_RETRY_TOPIC]: withNamespace(namespace, topic) }),
  };
  return {
    topic: to === 'group' ? retryTopic(group) : topic,
    body: message.body,
    flag: message.flag,
    properties,
    systemProperties,
    ...(tag !== undefined && { tags: tag }),
    ...(keys.length > 0 && { keys }),
  };
}
