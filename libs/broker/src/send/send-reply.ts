import { MQVersion, setBytes, writeInt32 } from '@nest-rocketmq/protocol';
import { writeDecimal, writeHex64 } from './digits.ts';
import { REPLY_SLOT_BYTES } from './reply-gate.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const LANGUAGE = 'OTHER';
/** The numbers of an answer at their longest, and some air. */
const VARIABLE_BYTES = 16 + 11 + 17 + 11;

/**
 * The successful answer to a send as JSON header bytes: everything but the numbers is composed once. A peer's
 * transaction id that would need escaping, or that is too long, doesn't fit the template: {@link compose} says so and
 * the ordinary encoder takes over.
 */
export class SendReplyTemplate {
  readonly #head: Buffer;
  readonly #beforeQueueId = Buffer.from('","queueId":"');
  readonly #beforeQueueOffset = Buffer.from('","queueOffset":"');
  readonly #beforeTransactionId = Buffer.from('","transactionId":"');
  readonly #beforeOpaque = Buffer.from(`"},"flag":1,"language":"${LANGUAGE}","opaque":`);
  readonly #tail = Buffer.from(`,"serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT}}`);
  readonly #idRoom: number;

  /** @param messageIdPrefix the hexadecimal address that offset message ids of this broker begin with */
  constructor(options: { regionId: string; traceOn: boolean; messageIdPrefix: string }) {
    const region = JSON.stringify(options.regionId);
    this.#head = Buffer.from(
      `........{"code":0,"extFields":{"MSG_REGION":${region},"TRACE_ON":"${options.traceOn}","msgId":"${options.messageIdPrefix}`,
    );
    const fixed = [
      this.#head,
      this.#beforeQueueId,
      this.#beforeQueueOffset,
      this.#beforeTransactionId,
      this.#beforeOpaque,
      this.#tail,
    ].reduce((sum, part) => sum + part.length, 0);
    this.#idRoom = REPLY_SLOT_BYTES - fixed - VARIABLE_BYTES;
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
    let to = at;
    setBytes(target, this.#head, to);
    to = writeHex64(target, to + this.#head.length, physicalOffset);
    setBytes(target, this.#beforeQueueId, to);
    to = writeDecimal(target, to + this.#beforeQueueId.length, queueId);
    setBytes(target, this.#beforeQueueOffset, to);
    to = writeDecimal(target, to + this.#beforeQueueOffset.length, queueOffset);
    setBytes(target, this.#beforeTransactionId, to);
    to += this.#beforeTransactionId.length;
    for (let i = idStart; i < idEnd; i++) {
      const byte = id[i] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return -1;
      target[to++] = byte;
    }
    setBytes(target, this.#beforeOpaque, to);
    to = writeDecimal(target, to + this.#beforeOpaque.length, opaque);
    setBytes(target, this.#tail, to);
    to += this.#tail.length;
    const length = to - at;
    writeInt32(target, length - 4, at);
    writeInt32(target, length - 8, at + 4);
    return length;
  }
}
