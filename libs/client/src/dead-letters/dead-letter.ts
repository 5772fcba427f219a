import { MessageConst } from '@nest-rocketmq/protocol';
import type { MessageExt } from '../message/message.ts';
import { withoutNamespace } from '../namespace/namespace.ts';

/** The property in which this library's consumers say why they reject a message. */
export const REJECT_REASON = 'REJECT_REASON';
/** The property in which they say which handler it was. */
export const REJECTED_BY = 'REJECTED_BY';

/** A message that its group gave up. */
export interface DeadLetter {
  readonly group: string;
  /** As it is stored in `%DLQ%group`. */
  readonly message: MessageExt;
  /** The id that its producer gave it: the same in all its attempts. */
  readonly msgId: string;
  /** The topic it was sent to; undefined when nothing tells. */
  readonly topic: string | undefined;
  readonly tag: string | undefined;
  readonly keys: readonly string[];
  /** The broker's id of the message as it was first stored. */
  readonly originMessageId: string | undefined;
  /** Why; undefined when its consumer didn't say, as Java's don't: then it had no retries left, or was sent there at once. */
  readonly reason: string | undefined;
  /** By which handler. */
  readonly rejectedBy: string | undefined;
  /** How often it was consumed. */
  readonly attempts: number;
  /** When it was given up, in milliseconds since the epoch. */
  readonly diedAt: number;
}

/** Which dead letters: those that meet everything that is given. */
export interface DeadLetterFilter {
  /** The topic it was sent to. */
  readonly topic?: string | undefined;
  readonly tag?: string | undefined;
  /** One of its keys. */
  readonly key?: string | undefined;
  /** Any of its ids. */
  readonly msgId?: string | undefined;
  /** A part of its reason, or what that matches. */
  readonly reason?: string | RegExp | undefined;
  readonly rejectedBy?: string | undefined;
  /** Given up at this time or later. */
  readonly from?: Date | number | undefined;
  /** Given up before this time. */
  readonly until?: Date | number | undefined;
  /** Whatever else there is to it. */
  readonly where?: ((letter: DeadLetter) => boolean) | undefined;
}

/** Reads what a record of a `%DLQ%` topic says of its life. */
export function deadLetterOf(group: string, message: MessageExt, namespace: string): DeadLetter {
  const { properties } = message;
  const topic =
    properties.get(MessageConst.PROPERTY_DLQ_ORIGIN_TOPIC) ??
    properties.get(MessageConst.PROPERTY_RETRY_TOPIC);
  return {
    group,
    message,
    msgId: message.msgId,
    topic: topic === undefined ? undefined : withoutNamespace(namespace, topic),
    tag: message.tags,
    keys: message.keys,
    originMessageId: properties.get(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID),
    reason: properties.get(REJECT_REASON),
    rejectedBy: properties.get(REJECTED_BY),
    attempts: message.reconsumeTimes,
    diedAt: message.storeTimestamp,
  };
}

/** Whether a dead letter is one of those that are wanted. */
export function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { topic, tag, key, msgId, reason, rejectedBy, from, until, where } = filter;
  const ids = [letter.msgId, letter.originMessageId, letter.message.offsetMsgId];
  return (
    (topic === undefined || letter.topic === topic) &&
    (tag === undefined || letter.tag === tag) &&
    (key === undefined || letter.keys.includes(key)) &&
    (msgId === undefined || ids.includes(msgId)) &&
    (reason === undefined || isReason(letter.reason ?? '', reason)) &&
    (rejectedBy === undefined || letter.rejectedBy === rejectedBy) &&
    (from === undefined || letter.diedAt >= Number(from)) &&
    (until === undefined || letter.diedAt < Number(until)) &&
    (where === undefined || where(letter))
  );
}

function isReason(reason: string, wanted: string | RegExp): boolean {
  // Not `test`: that of a global expression goes on where the last one ended.
  return typeof wanted === 'string' ? reason.includes(wanted) : reason.search(wanted) >= 0;
}
