import { errorText } from '../error-text.ts';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Message } from '@nest-rocketmq/client';
import type { MessageConverter } from '../conversion/message-converter.ts';
import { exactDelayLevel, parseDelay } from './delay.ts';
import { parseDestination } from './destination.ts';
import { OutgoingMessage } from './events.ts';
import { applyHeaders, type SpecialHeaders } from './headers.ts';
import type { SendOptions } from './send-options.ts';

/**
 * Makes the client's message of what an application sends: the destination, a payload with or without headers, the
 * options. The properties are rocketmq-spring's, without its `id` and `timestamp`, which nothing reads.
 * @throws RocketMQError `INVALID_ARGUMENT` on a wrong destination, payload, header or option
 */
export function toMessage(
  destination: string,
  sent: unknown,
  options: SendOptions,
  converter: MessageConverter,
): Message {
  const { topic, tag } = parseDestination(destination);
  const payload = sent instanceof OutgoingMessage ? (sent.payload as unknown) : sent;
  const { body, contentType } = encode(payload, options.converter ?? converter, destination);
  const properties: Record<string, string> = {};
  if (contentType !== undefined) properties.contentType = contentType;
  const special: SpecialHeaders =
    sent instanceof OutgoingMessage ? applyHeaders(sent.headers, properties) : {};
  if (options.headers) Object.assign(special, applyHeaders(options.headers, properties));

  const message: Message = { topic, body, properties };
  const tags = options.tag ?? tag;
  if (tags !== undefined) message.tags = tags;
  const keys = options.keys ?? special.keys;
  if (keys !== undefined) message.keys = keys;
  if (special.flag !== undefined) message.flag = special.flag;
  const wait = options.waitStore ?? special.waitStore;
  if (wait !== undefined) message.waitStoreMsgOK = wait;
  if (options.delay !== undefined || options.deliverAt !== undefined) postpone(message, options);
  return message;
}

function encode(
  payload: unknown,
  converter: MessageConverter,
  destination: string,
): { body: Uint8Array; contentType?: string } {
  if (payload === undefined || payload === '' || (payload instanceof Uint8Array && payload.length === 0)) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `The payload for ${destination} is empty: a message needs at least one byte`,
    );
  }
  try {
    return converter.toBody(payload);
  } catch (error) {
    if (error instanceof RocketMQError) throw error;
    const why = errorText(error);
    throw new RocketMQError('INVALID_ARGUMENT', `The payload for ${destination} can't be converted: ${why}`, {
      cause: error,
    });
  }
}

function postpone(message: Message, { delay, deliverAt, recallable }: SendOptions): void {
  if (delay !== undefined && deliverAt !== undefined) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      'The options delay and deliverAt exclude each other: give one of them',
    );
  }
  if (deliverAt !== undefined) {
    const time = Number(deliverAt);
    if (!Number.isSafeInteger(time) || time <= 0) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `deliverAt is not a time: ${String(deliverAt)}. Give a Date, or milliseconds since the epoch`,
      );
    }
    message.deliverTimeMs = time;
    return;
  }
  const parsed = parseDelay(delay ?? 0);
  if ('level' in parsed && recallable === true) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      'A message on a delay level can not be recalled: give the delay as a duration, or deliverAt',
    );
  }
  const level =
    'level' in parsed ? parsed.level : recallable === true ? undefined : exactDelayLevel(parsed.ms);
  if (level !== undefined) message.delayLevel = level;
  else if ('ms' in parsed && parsed.ms > 0) message.delayTimeMs = Math.ceil(parsed.ms);
}
