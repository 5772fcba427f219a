import { BYTES, JSON_TYPE, kindOf, TEXT } from './content-type.ts';
import { readJson, writeJson, type JsonOptions } from './json.ts';

/** What a handler takes: how a body becomes its payload. `auto` goes by the message's `contentType`. */
export type PayloadKind = 'auto' | 'json' | 'text' | 'bytes' | 'message';

/** A body as it is sent, and the content type that tells the receiver what it is. */
export interface EncodedPayload {
  body: Buffer | Uint8Array;
  /** Sent as the property `contentType` unless the caller's headers name one. */
  contentType?: string;
}

/** Turns payloads into bodies and bodies into payloads: JSON with dates revived, Avro, an encryption, ... */
export interface MessageConverter {
  /** @throws when the payload can't be sent at all */
  toBody(payload: unknown): EncodedPayload;
  /**
   * @param contentType the message's property of that name, if it has one
   * @param kind what the handler declared that it takes
   * @throws when the body is not what the handler takes: the message goes to the dead letters at once
   */
  fromBody(body: Buffer, contentType: string | undefined, kind: PayloadKind): unknown;
}

/**
 * What rocketmq-spring puts on the wire and reads back: text as UTF-8, bytes as they are, anything else as JSON, each
 * with Spring's `contentType`. A handler that doesn't say what it takes gets what `contentType` says, and JSON where
 * there is none (plain Java producers set none).
 *
 * ```ts
 * RocketMQModule.forRoot({ nameServer, converter: new DefaultMessageConverter({ dates: true, bigints: true }) })
 * ```
 */
export class DefaultMessageConverter implements MessageConverter {
  readonly #json: JsonOptions;

  /** @param json how JSON is read; default: as `JSON.parse` does */
  constructor(json: JsonOptions = {}) {
    this.#json = json;
  }

  toBody(payload: unknown): EncodedPayload {
    if (typeof payload === 'string') return { body: Buffer.from(payload), contentType: TEXT };
    if (payload instanceof Uint8Array) return { body: payload, contentType: BYTES };
    return { body: Buffer.from(writeJson(payload)), contentType: JSON_TYPE };
  }

  fromBody(body: Buffer, contentType: string | undefined, kind: PayloadKind): unknown {
    switch (kind === 'auto' ? kindOf(contentType) : kind) {
      case 'text':
        return body.toString();
      case 'bytes':
        return body;
      default:
        return readJson(body.toString(), this.#json);
    }
  }
}
