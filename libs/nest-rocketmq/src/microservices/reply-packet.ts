import type { WritePacket } from '@nestjs/microservices';
import type { MessageExt, ReplyMessage } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageConverter } from '../conversion/message-converter.ts';
import { errorText } from '../error-text.ts';
import { readReply, replyOf } from '../template/reply.ts';

/** What a reply is, where it isn't simply the value that the handler returned: `error`, or `empty` for none at all. */
const REPLY_KIND = 'nest-reply';
const JSON_TYPE = 'application/json';

/** The reply that stands for what a handler returned. */
export function valueReply(value: unknown, converter: MessageConverter): ReplyMessage {
  // A message needs a body; null is what JSON has for nothing.
  if (value === undefined) return jsonReply('null', 'empty');
  return replyOf(value, converter);
}

/** The reply that stands for what a handler threw, as its filters left it. */
export function errorReply(error: unknown): ReplyMessage {
  return jsonReply(JSON.stringify(errorBody(error)), 'error');
}

/** What a reply says, for Nest's observer. */
export function packetOf(reply: MessageExt, pattern: string, converter: MessageConverter): WritePacket {
  const kind = reply.properties.get(REPLY_KIND);
  if (kind === 'empty') return { isDisposed: true };
  if (kind === 'error') return { err: errorOf(reply, pattern), isDisposed: true };
  return { response: readReply(reply, pattern, converter), isDisposed: true };
}

/** Errors are JSON, whatever the payloads are. */
function errorOf({ body }: MessageExt, pattern: string): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch (cause) {
    const text = `The error that is the reply to ${pattern} (${body.length} bytes) can't be read`;
    return new RocketMQError('PROTOCOL', text, { cause });
  }
}

function jsonReply(body: string, kind: 'error' | 'empty'): ReplyMessage {
  return { body: Buffer.from(body), properties: { contentType: JSON_TYPE, [REPLY_KIND]: kind } };
}

/** Of what validation pipes throw, their response; of other errors their message; what a filter made of them as it is. */
function errorBody(error: unknown): unknown {
  const { getResponse } = (error ?? {}) as { getResponse?: unknown };
  if (typeof getResponse === 'function') {
    const response: unknown = getResponse.call(error);
    return typeof response === 'string' ? { status: 'error', message: response } : response;
  }
  if (typeof error === 'object' && error !== null && !('stack' in error)) return error;
  return { status: 'error', message: errorText(error) };
}
