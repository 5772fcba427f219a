import { ByteSlicer, crc32, RECORD_MAGIC_V1, RECORD_MAGIC_V2, setBytes } from '@nest-rocketmq/protocol';
import type { AppendMessage } from '../append-message.ts';

/** `writeInt64` for a view: the compiler turns it into two stores. */
function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000));
  view.setInt32(at + 4, value | 0);
}

const BORN_HOST_IPV6 = 0x10;
const STORE_HOST_IPV6 = 0x20;
const IPV6_HOST_BYTES = 20;

/**
 * Where the records of a tick are built before one write puts them into the page cache. A record is encoded here once,
 * field by field; all that is made for it are the two views that copying takes.
 */
export class Staging {
  readonly buffer: Buffer;
  length = 0;
  readonly #view: DataView;
  readonly #bodies = new ByteSlicer();
  readonly #properties = new ByteSlicer();

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
    this.#view = new DataView(this.buffer.buffer, this.buffer.byteOffset, bytes);
  }

  fits(size: number): boolean {
    return this.length + size <= this.buffer.length;
  }

  /** The 8 bytes that tell readers to go on in the next file (CommitLog's BLANK_MAGIC_CODE). */
  blank(size: number, magic: number): void {
    this.#view.setInt32(this.length, size);
    this.#view.setInt32(this.length + 4, magic);
    this.length += 8;
  }

  /** Encodes one record; the caller has checked that it fits. `extra` is appended to the properties. */
  record(
    size: number,
    message: AppendMessage,
    topic: Buffer,
    flag: number,
    body: Buffer,
    bodyStart: number,
    bodyEnd: number,
    properties: Buffer,
    propertiesStart: number,
    propertiesEnd: number,
    extra: Buffer | undefined,
    queueOffset: number,
    physicalOffset: number,
    storeTimestamp: number,
  ): void {
    const view = this.#view;
    const buffer = this.buffer;
    const { bornHost, storeHost } = message;
    const start = this.length;
    let sysFlag = message.sysFlag & ~(BORN_HOST_IPV6 | STORE_HOST_IPV6);
    if (bornHost.length === IPV6_HOST_BYTES) sysFlag |= BORN_HOST_IPV6;
    if (storeHost.length === IPV6_HOST_BYTES) sysFlag |= STORE_HOST_IPV6;
    const long = topic.length > 127;
    view.setInt32(start, size);
    view.setInt32(start + 4, long ? RECORD_MAGIC_V2 : RECORD_MAGIC_V1);
    view.setInt32(start + 12, message.queueId);
    view.setInt32(start + 16, flag);
    setInt64(view, start + 20, queueOffset);
    setInt64(view, start + 28, physicalOffset);
    view.setInt32(start + 36, sysFlag);
    setInt64(view, start + 40, message.bornTimestamp);
    let at = start + 48;
    setBytes(buffer, bornHost, at);
    at += bornHost.length;
    setInt64(view, at, storeTimestamp);
    at += 8;
    setBytes(buffer, storeHost, at);
    at += storeHost.length;
    view.setInt32(at, message.reconsumeTimes);
    setInt64(view, at + 4, message.preparedTransactionOffset);
    const bodyLength = bodyEnd - bodyStart;
    view.setInt32(at + 12, bodyLength);
    at += 16;
    let bodyCrc = 0;
    if (bodyLength > 0) {
      const bytes = this.#bodies.slice(body, bodyStart, bodyEnd);
      setBytes(buffer, bytes, at);
      bodyCrc = crc32(bytes);
    }
    view.setInt32(start + 8, bodyCrc);
    at += bodyLength;
    if (long) {
      view.setInt16(at, topic.length);
      at += 2;
    } else {
      view.setInt8(at++, topic.length);
    }
    setBytes(buffer, topic, at);
    at += topic.length;
    const extraLength = extra === undefined ? 0 : extra.length;
    const propertiesLength = propertiesEnd - propertiesStart;
    view.setInt16(at, propertiesLength + extraLength);
    at += 2;
    if (propertiesLength > 0)
      setBytes(buffer, this.#properties.slice(properties, propertiesStart, propertiesEnd), at);
    at += propertiesLength;
    if (extra !== undefined) setBytes(buffer, extra, at);
    this.length = start + size;
  }
}
