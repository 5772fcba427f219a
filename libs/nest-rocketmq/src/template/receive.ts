import type { MessageExt } from '@nest-rocketmq/client';
import { RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import { errorText } from '../error-text.ts';

/** What `receive` can be told. */
export interface ReceiveOptions {
  /** How long to wait for messages. Default 5 s. */
  timeout?: Duration;
  /** What the payloads are; `message` gives the messages themselves. Default `auto`: by their `contentType`. */
  payload?: PayloadKind;
  /** In place of the module's converter. */
  converter?: MessageConverter;
  /** Ends the waiting; nothing is taken then. */
  signal?: AbortSignal;
}

/**
 * The payloads of received messages.
 * @throws RocketMQError `PROTOCOL` with the id of the first message whose body is not what it should be
 */
export function payloadsOf(
  messages: readonly MessageExt[],
  converter: MessageConverter,
  kind: PayloadKind = 'auto',
): unknown[] {
  if (kind === 'message') return [...messages];
  return messages.map(({ body, properties, msgId, topic }) => {
    try {
      return converter.fromBody(body, properties.get('contentType'), kind);
    } catch (error) {
      throw new RocketMQError(
        'PROTOCOL',
        `The message ${msgId} of topic ${topic} (${body.length} bytes) can't be read: ${errorText(error)}. Receive with ` +
          `payload: 'message' to look at it`,
        { cause: error },
      );
    }
  });
}
