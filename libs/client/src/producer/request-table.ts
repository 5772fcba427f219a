import {
  MessageConst,
  parseMessageProperties,
  type PushReplyMessageToClientRequestHeader,
} from '@nest-rocketmq/protocol';
import type { MessageExt } from '../message/message.ts';
import { pushedReply } from './request-reply-message.ts';

/** Who waits for the reply of a request. */
export type ReplyListener = (reply: MessageExt) => void;

/** The requests of a client that wait for their replies, by correlation id (`RequestFutureHolder`). */
export class RequestTable {
  readonly #waiting = new Map<string, ReplyListener>();

  /** Requests that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Has `listener` called with the reply of a request, once. */
  wait(correlationId: string, listener: ReplyListener): void {
    this.#waiting.set(correlationId, listener);
  }

  /** The request needs no reply any more; one that comes late is dropped. */
  forget(correlationId: string): void {
    this.#waiting.delete(correlationId);
  }

  /**
   * Takes a reply that a broker pushed (326).
   * @param arrivedAt milliseconds since the epoch, for the reply's `ARRIVE_TIME`
   * @returns false when nobody waits for it any more
   */
  arrived(
    header: PushReplyMessageToClientRequestHeader,
    body: Buffer,
    arrivedAt: number,
    brokerName: string,
  ): boolean {
    const properties = parseMessageProperties(header.properties ?? '');
    const id = properties.get(MessageConst.PROPERTY_CORRELATION_ID) ?? '';
    const listener = this.#waiting.get(id);
    if (!listener) return false;
    this.#waiting.delete(id);
    properties.set(MessageConst.PROPERTY_REPLY_MESSAGE_ARRIVE_TIME, String(arrivedAt));
    listener(pushedReply(header, properties, body, brokerName));
    return true;
  }
}
