import { MQVersion, setBytes } from '@nest-rocketmq/protocol';
import { decimalLength, writeDecimal, writeHex64 } from './digits.ts';
import { REPLY_SLOT_BYTES } from './reply-gate.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const LANGUAGE = 'OTHER';
/** The length word and the mark word. */
const HEAD_BYTES = 8;
const HEX_DIGITS = 16;
/** The numbers of an answer at their longest, and some air. */
const VARIABLE_BYTES = HEX_DIGITS + 11 + 17 + 11;
/** How many layouts are kept. A power of two. */
const LAYOUTS = 64;

interface Options {
  regionId: string;
  traceOn: boolean;
  /** The hexadecimal address that offset message ids of this broker begin with. */
  messageIdPrefix: string;
}

/**
 * The successful answer to a send as JSON header bytes: an answer is like an earlier one but for its numbers and its
 * transaction id, so it is a copy of a frame in which these are written over. A peer's transaction id that would need
 * escaping, or that is too long, doesn't fit: {@link compose} says so and the ordinary encoder takes over.
 */
export class SendReplyTemplate {
  readonly #options: Options;
  readonly #idRoom: number;
  /** By the lengths of what varies. Bounded: those that share a place take it from each other. */
  readonly #layouts: (ReplyLayout | undefined)[] = Array.from({ length: LAYOUTS }, () => undefined);

  constructor(options: Options) {
    this.#options = options;
    this.#idRoom = REPLY_SLOT_BYTES - new ReplyLayout(options, 0, 0, 0, 0).frame.length - VARIABLE_BYTES;
  }

  /**
   * Composes the whole frame at `at` of `target`, where {@link REPLY_SLOT_BYTES} bytes must be free. The transaction id
   * is `id[idStart..idEnd]`.
   * @returns its length, or -1 when the transaction id doesn't fit the template
   */
  compose(
    target: Buffer,
    at: number,
    opaque: number,
    queueId: number,
    queueOffset: number,
    physicalOffset: number,
    id: Buffer,
    idStart: number,
    idEnd: number,
  ): number {
    if (idEnd - idStart > this.#idRoom) return -1;
    const layout = this.#layout(opaque, queueId, queueOffset, idEnd - idStart);
    setBytes(target, layout.frame, at);
    writeHex64(target, at + layout.physicalOffsetAt, physicalOffset);
    writeDecimal(target, at + layout.queueIdEnd, queueId);
    writeDecimal(target, at + layout.queueOffsetEnd, queueOffset);
    writeDecimal(target, at + layout.opaqueEnd, opaque);
    for (let from = idStart, to = at + layout.idAt; from < idEnd; from++, to++) {
      const byte = id[from] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return -1;
      target[to] = byte;
    }
    return layout.frame.length;
  }

  #layout(opaque: number, queueId: number, queueOffset: number, id: number): ReplyLayout {
    const opaqueLength = decimalLength(opaque);
    const queueIdLength = decimalLength(queueId);
    const queueOffsetLength = decimalLength(queueOffset);
    const place = (opaqueLength * 5 + queueIdLength * 7 + queueOffsetLength + id * 3) & (LAYOUTS - 1);
    const known = this.#layouts[place];
    if (known?.isFor(opaqueLength, queueIdLength, queueOffsetLength, id)) return known;
    const layout = new ReplyLayout(this.#options, opaqueLength, queueIdLength, queueOffsetLength, id);
    this.#layouts[place] = layout;
    return layout;
  }
}

/** A frame with room for numbers and a transaction id of these lengths, and where in it they are. */
class ReplyLayout {
  readonly frame: Buffer;
  readonly physicalOffsetAt: number;
  readonly queueIdEnd: number;
  readonly queueOffsetEnd: number;
  readonly idAt: number;
  readonly opaqueEnd: number;
  readonly #opaque: number;
  readonly #queueId: number;
  readonly #queueOffset: number;
  readonly #id: number;

  constructor(options: Options, opaque: number, queueId: number, queueOffset: number, id: number) {
    this.#opaque = opaque;
    this.#queueId = queueId;
    this.#queueOffset = queueOffset;
    this.#id = id;
    const region = JSON.stringify(options.regionId);
    const header: string[] = [
      `{"code":0,"extFields":{"MSG_REGION":${region},"TRACE_ON":"${options.traceOn}","msgId":"${options.messageIdPrefix}`,
    ];
    const end = (): number => HEAD_BYTES + Buffer.byteLength(header.join(''));
    this.physicalOffsetAt = end();
    header.push('0'.repeat(HEX_DIGITS), '","queueId":"', '0'.repeat(queueId));
    this.queueIdEnd = end();
    header.push('","queueOffset":"', '0'.repeat(queueOffset));
    this.queueOffsetEnd = end();
    header.push('","transactionId":"');
    this.idAt = end();
    header.push('0'.repeat(id), `"},"flag":1,"language":"${LANGUAGE}","opaque":`, '0'.repeat(opaque));
    this.opaqueEnd = end();
    header.push(`,"serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT}}`);
    this.frame = Buffer.from('\0'.repeat(HEAD_BYTES) + header.join(''));
    this.frame.writeInt32BE(this.frame.length - 4, 0);
    this.frame.writeInt32BE(this.frame.length - HEAD_BYTES, 4);
  }

  isFor(opaque: number, queueId: number, queueOffset: number, id: number): boolean {
    return (
      opaque === this.#opaque &&
      queueId === this.#queueId &&
      queueOffset === this.#queueOffset &&
      id === this.#id
    );
  }
}
