import { RocketMQError } from '@nest-rocketmq/runtime';
import { MAX_PROPERTIES_LENGTH } from './record-layout.ts';
import { decodeProperties, encodeProperties } from './properties.ts';

/*
 * A batch body: for each message
 *   size:i32 magic:i32=0 crc:i32=0 flag:i32 bodyLength:i32 body propertiesLength:i16 properties
 * where size counts itself and all that follows.
 */

/** One message of a batch. */
export interface BatchMessage {
  flag?: number;
  body: Uint8Array;
  properties: ReadonlyMap<string, string>;
}

const FIXED_LENGTH = 22;

/**
 * The body of a batch send (320). Throws RocketMQError `INVALID_ARGUMENT` when the properties of a message take more
 * than 32,767 bytes.
 */
export function encodeBatch(messages: readonly BatchMessage[]): Buffer {
  const parts = messages.map((message) => ({ message, properties: encodeProperties(message.properties) }));
  let size = 0;
  for (const { message, properties } of parts) {
    if (properties.length > MAX_PROPERTIES_LENGTH) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `properties of ${properties.length} bytes, more than ${MAX_PROPERTIES_LENGTH}`,
      );
    }
    size += FIXED_LENGTH + message.body.length + properties.length;
  }
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (const { message, properties } of parts) {
    bytes.writeInt32BE(FIXED_LENGTH + message.body.length + properties.length, at);
    bytes.writeInt32BE(message.flag ?? 0, at + 12);
    bytes.writeInt32BE(message.body.length, at + 16);
    bytes.set(message.body, at + 20);
    at = bytes.writeInt16BE(properties.length, at + 20 + message.body.length);
    at += properties.copy(bytes, at);
  }
  return bytes;
}

/** One message of a batch body: where its parts lie in it. */
export class BatchPart {
  readonly #bytes: Buffer;
  readonly flag: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly propertiesStart: number;
  readonly propertiesEnd: number;

  constructor(bytes: Buffer, flag: number, bodyStart: number, bodyEnd: number, propertiesEnd: number) {
    this.#bytes = bytes;
    this.flag = flag;
    this.bodyStart = bodyStart;
    this.bodyEnd = bodyEnd;
    this.propertiesStart = bodyEnd + 2;
    this.propertiesEnd = propertiesEnd;
  }

  /** A view, not a copy. */
  get body(): Buffer {
    return this.#bytes.subarray(this.bodyStart, this.bodyEnd);
  }

  /** The properties as they came. A view, not a copy. */
  get propertiesBytes(): Buffer {
    return this.#bytes.subarray(this.propertiesStart, this.propertiesEnd);
  }

  /** Decodes the properties, each time. */
  get properties(): Map<string, string> {
    return decodeProperties(this.propertiesBytes);
  }
}

/** The messages of a batch body. Throws RocketMQError `PROTOCOL` when its lengths don't add up. */
export function decodeBatch(body: Buffer): BatchPart[] {
  const parts: BatchPart[] = [];
  for (let at = 0; at < body.length;) {
    if (at + FIXED_LENGTH > body.length) throw broken(at);
    const end = at + body.readInt32BE(at);
    const bodyStart = at + 20;
    const bodyEnd = bodyStart + body.readInt32BE(at + 16);
    if (end > body.length || bodyEnd < bodyStart || bodyEnd + 2 > end) throw broken(at);
    const propertiesEnd = bodyEnd + 2 + body.readInt16BE(bodyEnd);
    if (propertiesEnd !== end) throw broken(at);
    parts.push(new BatchPart(body, body.readInt32BE(at + 12), bodyStart, bodyEnd, propertiesEnd));
    at = end;
  }
  return parts;
}

function broken(at: number): RocketMQError {
  return new RocketMQError('PROTOCOL', `a batch whose lengths don't add up at byte ${at}`);
}
