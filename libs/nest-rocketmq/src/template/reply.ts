import type { MessageExt, ReplyMessage } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import { errorText } from '../error-text.ts';
import { OutgoingMessage } from './events.ts';
import { applyHeaders } from './headers.ts';

/**
 * The reply that stands for what a handler returned: a payload, or one with headers by `message(payload, headers)`.
 * @throws RocketMQError `INVALID_ARGUMENT` when it can't be sent
 */
export function replyOf(returned: unknown, converter: MessageConverter): ReplyMessage {
  const payload = returned instanceof OutgoingMessage ? (returned.payload as unknown) : returned;
  const { body, contentType } = converter.toBody(payload);
  const properties: Record<string, string> = {};
  if (contentType !== undefined) properties.contentType = contentType;
  if (returned instanceof OutgoingMessage) applyHeaders(returned.headers, properties);
  return { body, properties };
}

/** The payload of a reply. @throws RocketMQError `PROTOCOL` when its body is not what it should be */
export function readReply(
  reply: MessageExt,
  destination: string,
  converter: MessageConverter,
  kind: PayloadKind = 'auto',
): unknown {
  if (kind === 'message') return reply;
  try {
    return converter.fromBody(reply.body, reply.properties.get('contentType'), kind);
  } catch (error) {
    const text = `The reply to the request to ${destination} (${reply.body.length} bytes) can't be read: ${errorText(error)}`;
    throw new RocketMQError('PROTOCOL', text, { cause: error });
  }
}
