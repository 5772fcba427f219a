import { RocketMQError } from '@nest-rocketmq/runtime';
import { BYTES, JSON_TYPE, TEXT } from './content-type.ts';
import { readJson, writeJson, type JsonOptions } from './json.ts';
import type { EncodedPayload, MessageConverter } from './message-converter.ts';

/** Everything is JSON, texts too, whatever a message's `contentType` says or a handler declares. */
export class JsonMessageConverter implements MessageConverter {
  readonly #options: JsonOptions;

  constructor(options: JsonOptions = {}) {
    this.#options = options;
  }

  toBody(payload: unknown): EncodedPayload {
    return { body: Buffer.from(writeJson(payload)), contentType: JSON_TYPE };
  }

  fromBody(body: Buffer): unknown {
    return readJson(body.toString(), this.#options);
  }
}

/** The charsets that Node knows by itself. */
export type TextCharset = 'utf-8' | 'utf-16le' | 'iso-8859-1' | 'us-ascii';

const ENCODINGS = {
  'utf-8': 'utf8',
  'utf-16le': 'utf16le',
  'iso-8859-1': 'latin1',
  'us-ascii': 'ascii',
} as const;

/** Every body is text: payloads are sent by their `String()`, and handlers get texts. */
export class TextMessageConverter implements MessageConverter {
  readonly #charset: TextCharset;

  /** @throws RocketMQError `INVALID_CONFIG` when the charset is none of those */
  constructor({ charset = 'utf-8' }: { charset?: TextCharset } = {}) {
    if (!Object.hasOwn(ENCODINGS, charset))
      throw new RocketMQError(
        'INVALID_CONFIG',
        `The charset ${JSON.stringify(charset)} is not known: give ${Object.keys(ENCODINGS).join(', ')}`,
      );
    this.#charset = charset;
  }

  /** @throws RocketMQError `INVALID_ARGUMENT` for an object, whose text would say nothing */
  toBody(payload: unknown): EncodedPayload {
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof payload)) {
      const type = payload === null ? 'null' : typeof payload;
      throw new RocketMQError('INVALID_ARGUMENT', `A payload of type ${type} is no text`);
    }
    const contentType =
      this.#charset === 'utf-8' ? TEXT : `text/plain;charset=${this.#charset.toUpperCase()}`;
    return { body: Buffer.from(String(payload), ENCODINGS[this.#charset]), contentType };
  }

  fromBody(body: Buffer): string {
    return body.toString(ENCODINGS[this.#charset]);
  }
}

/** Every body is bytes, as they are. */
export class BytesMessageConverter implements MessageConverter {
  /** @throws RocketMQError `INVALID_ARGUMENT` for anything else than bytes */
  toBody(payload: unknown): EncodedPayload {
    if (payload instanceof Uint8Array) return { body: payload, contentType: BYTES };
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `A payload of type ${typeof payload} is no Buffer or Uint8Array`,
    );
  }

  fromBody(body: Buffer): Buffer {
    return body;
  }
}
