import { RocketMQError } from '@nest-rocketmq/runtime';
import type { JsonValue } from '../json/json-value.ts';
import { integer, list, record, string, type Shape, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';

/** Bits of one acknowledgement beyond this many messages are refused: a pop never hands out more than 32. */
const MAX_BITS = 65_536;

/** Which messages: distances from the start offset, written as java.util.BitSet's bytes in base64. */
const bitSet: Shape<number[]> = {
  decode(value, at) {
    if (value === undefined || value === null) return [];
    if (typeof value !== 'string' || value.length > MAX_BITS / 6)
      throw new RocketMQError('PROTOCOL', `JSON: ${at} is not a set of bits`);
    const bits: number[] = [];
    for (const [index, byte] of Buffer.from(value, 'base64').entries()) {
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) bits.push(index * 8 + bit);
    }
    return bits;
  },
  encode(bits) {
    const bytes = Buffer.alloc(bits.length === 0 ? 0 : (Math.max(...bits) >> 3) + 1);
    for (const bit of bits) bytes.writeUInt8(bytes.readUInt8(bit >> 3) | (1 << (bit & 7)), bit >> 3);
    return bytes.toString('base64');
  },
};

/** A record whose members go by short names; long ones are read as well, as `alternateNames` has it in Java. */
function aliased<T>(shape: Shape<T>, longNames: Readonly<Record<string, string>>): Shape<T> {
  return {
    decode(value, at) {
      if (!(value instanceof Map)) return shape.decode(value, at);
      const short = new Map<string, JsonValue>(value);
      for (const [name, long] of Object.entries(longNames)) {
        const found = value.get(long);
        if (found !== undefined && !short.has(name)) short.set(name, found);
      }
      return shape.decode(short, at);
    },
    encode: (value) => shape.encode(value),
  };
}

const batchAck = aliased(
  record({
    /** The messages, as distances from `so`. */
    b: bitSet,
    /** The group. */
    c: string(),
    /** The invisible time of the pop, in milliseconds. */
    it: integer(),
    /** The time of the pop. */
    pt: integer(),
    /** The queue that the messages are in. */
    q: integer(),
    /** The retry marker: 0 for `t` itself, 1 or 2 for its retry topic of that version. */
    r: string('0'),
    /** The revive queue. */
    rq: integer(),
    /** The offset that the pop started at. */
    so: integer(),
    /** The topic. */
    t: string(),
  }),
  {
    b: 'bitSet',
    c: 'consumerGroup',
    it: 'invisibleTime',
    pt: 'popTime',
    q: 'queueId',
    r: 'retry',
    rq: 'reviveQueueId',
    so: 'startOffset',
    t: 'topic',
  },
);

/** Messages of one pop and one queue that are consumed. */
export type BatchAck = ShapeType<typeof batchAck>;

const batchAckMessageRequestBody = record({ brokerName: string(), acks: list(batchAck) });

/** Messages that are consumed. */
export type BatchAckMessageRequestBody = ShapeType<typeof batchAckMessageRequestBody>;

/** The body of a batch of acknowledgements (200151). */
export const BatchAckMessageRequestBody = jsonBody(batchAckMessageRequestBody, SMALL_BODY);
