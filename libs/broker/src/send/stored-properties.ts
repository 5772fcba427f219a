import {
  createUniqueId,
  decodeProperties,
  encodeProperties,
  MessageConst,
  ResponseCode,
  setBytes,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { PropertyScan } from './property-scan.ts';

/** The longest property string a record can carry (Short.MAX_VALUE). */
export const MAX_PROPERTIES_BYTES = 32_767;

const PROPERTY_SEPARATOR = 2;
/** A header of 64 KiB can't hold more than this, and the broker's own properties find room behind. */
const SCRATCH_BYTES = 160 * 1024;

/**
 * The properties of the message at hand, on their way from the sender to the record: what RocketMQ's broker adds
 * (`MSG_REGION`, `TRACE_ON`, `CLUSTER`, and `UNIQ_KEY` where the sender gave none) is appended to the bytes in place;
 * only what can't be stored as it came goes over a map.
 */
export class StoredProperties {
  /** The properties are `bytes[0..length]`. */
  readonly bytes = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  length = 0;
  /** What stands where in {@link bytes}. */
  readonly scan = new PropertyScan();
  readonly #owned: ReadonlyMap<string, string>;
  readonly #suffix: Buffer;

  constructor(options: { regionId: string; traceOn: boolean; clusterName: string }) {
    this.#owned = new Map([
      [MessageConst.PROPERTY_MSG_REGION, options.regionId],
      [MessageConst.PROPERTY_TRACE_SWITCH, String(options.traceOn)],
      [MessageConst.PROPERTY_CLUSTER, options.clusterName],
    ]);
    this.#suffix = Buffer.from(
      [...this.#owned].map(([name, value]) => `${name}\u0001${value}\u0002`).join(''),
    );
  }

  /** Looks at the `length` bytes a sender put at the beginning of {@link bytes}. */
  load(length: number): void {
    this.length = length;
    this.scan.scan(this.bytes, 0, length);
  }

  /**
   * Adds what the broker adds.
   * @throws ResponseError 13 when the result is too long for a record
   */
  complete(): void {
    const { scan, bytes } = this;
    if (scan.irregular) {
      this.replace(this.toMap());
      return;
    }
    let at = this.length;
    if (scan.unterminated) bytes[at++] = PROPERTY_SEPARATOR;
    if (scan.uniqKeyStart < 0) {
      at += bytes.write('UNIQ_KEY\u0001', at, 'latin1');
      scan.uniqKeyStart = at;
      at += bytes.write(createUniqueId(), at, 'latin1');
      scan.uniqKeyEnd = at;
      bytes[at++] = PROPERTY_SEPARATOR;
    }
    setBytes(bytes, this.#suffix, at);
    this.length = at + this.#suffix.length;
    this.#checkLength();
  }

  /** The properties as a map, with the broker's own in it and without what clients may not store. */
  toMap(): Map<string, string> {
    const properties = decodeProperties(this.bytes.subarray(0, this.length));
    properties.delete(MessageConst.PROPERTY_POP_CK);
    for (const [name, value] of this.#owned) properties.set(name, value);
    if (!properties.get(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX)) {
      properties.set(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX, createUniqueId());
    }
    return properties;
  }

  /**
   * Stores these properties instead.
   * @throws ResponseError 13 when they are too long for a record
   */
  replace(properties: ReadonlyMap<string, string>): void {
    const encoded = encodeProperties(new Map(properties));
    this.length = encoded.length;
    this.#checkLength();
    encoded.copy(this.bytes, 0);
    this.scan.scan(this.bytes, 0, encoded.length);
  }

  #checkLength(): void {
    if (this.length <= MAX_PROPERTIES_BYTES) return;
    throw new ResponseError(
      ResponseCode.MESSAGE_ILLEGAL,
      `the message is illegal: its properties take ${this.length} bytes, at most ${MAX_PROPERTIES_BYTES} can be stored`,
    );
  }
}
