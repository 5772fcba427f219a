import { parseJson, stringifyJson } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { integer, member } from '../config/json-fields.ts';

/** What one pop took of one queue (PopCheckPoint): kept until all of it is acknowledged or its time is over. */
export interface PopCheckPoint {
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  /** The offset that the pop started at. */
  readonly startOffset: number;
  /** Milliseconds. */
  readonly popTime: number;
  /** Milliseconds. */
  readonly invisibleTime: number;
  /** How many messages. */
  readonly num: number;
  /** Their distances from the start offset; undefined in old check points, whose messages follow each other. */
  readonly diffs: readonly number[] | undefined;
  readonly brokerName: string | undefined;
  /** How often the check point was put again because its messages could not be revived. */
  readonly rePutTimes: number;
  /** The consumer only put the messages off: they come again without counting as tried. */
  readonly suspend: boolean;
}

const LIMITS = { maxBytes: 64 * 1024, maxDepth: 8, maxValues: 4096 };

/** The body of a check point's record, as fastjson writes a PopCheckPoint. */
export function encodeCheckPoint(point: PopCheckPoint): Buffer {
  return Buffer.from(
    stringifyJson({
      bm: 0,
      ...(point.brokerName !== undefined && { bn: point.brokerName }),
      c: point.group,
      ...(point.diffs && { d: point.diffs }),
      it: point.invisibleTime,
      n: point.num,
      pt: point.popTime,
      q: point.queueId,
      reviveTime: reviveTime(point),
      ro: 0,
      ...(point.rePutTimes > 0 && { rp: String(point.rePutTimes) }),
      so: point.startOffset,
      sp: point.suspend,
      t: point.topic,
    }),
  );
}

/** Reads a check point's record; undefined when it is none. */
export function decodeCheckPoint(body: Buffer): PopCheckPoint | undefined {
  const json = parseRecord(body);
  const topic = member(json, 't');
  const group = member(json, 'c');
  if (typeof topic !== 'string' || typeof group !== 'string') return undefined;
  const diffs = member(json, 'd');
  const brokerName = member(json, 'bn');
  const rePutTimes = Number(member(json, 'rp') ?? 0);
  return {
    topic,
    group,
    queueId: integer(member(json, 'q'), 0),
    startOffset: integer(member(json, 'so'), 0),
    popTime: integer(member(json, 'pt'), 0),
    invisibleTime: integer(member(json, 'it'), 0),
    num: integer(member(json, 'n'), 0),
    diffs: Array.isArray(diffs) && diffs.length > 0 ? diffs.map((diff) => integer(diff, 0)) : undefined,
    brokerName: typeof brokerName === 'string' ? brokerName : undefined,
    rePutTimes: Number.isInteger(rePutTimes) && rePutTimes >= 0 ? rePutTimes : 127,
    suspend: member(json, 'sp') === true,
  };
}

/** The value of a record of the revive log; undefined when it is no JSON. */
export function parseRecord(body: Buffer): unknown {
  try {
    return parseJson(body, LIMITS);
  } catch (error) {
    if (error instanceof RocketMQError) return undefined;
    throw error;
  }
}

/** When what is not acknowledged comes again, in milliseconds. */
export function reviveTime(point: PopCheckPoint): number {
  return point.popTime + point.invisibleTime;
}

/** Which message of the check point has an offset; -1: none. */
export function indexOfAck(point: PopCheckPoint, offset: number): number {
  const distance = offset - point.startOffset;
  if (distance < 0) return -1;
  if (point.diffs) return point.diffs.indexOf(distance);
  return distance < point.num ? distance : -1;
}

/** The offset of the check point's message number `index`. */
export function ackOffset(point: PopCheckPoint, index: number): number {
  return point.startOffset + (point.diffs ? (point.diffs[index] ?? index) : index);
}

/** What a check point and its acknowledgements have in common. */
export type PopIdentity = Pick<
  PopCheckPoint,
  'topic' | 'group' | 'queueId' | 'startOffset' | 'popTime' | 'brokerName'
>;

/** The same text for a check point and its acknowledgements, and another for others. */
export function mergeKey(identity: PopIdentity, ownBrokerName: string): string {
  const { topic, group, queueId, startOffset, popTime } = identity;
  return `${topic}@${group}@${queueId}@${startOffset}@${popTime}@${identity.brokerName ?? ownBrokerName}`;
}
