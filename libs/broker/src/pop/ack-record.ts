import { stringifyJson } from '@nest-rocketmq/protocol';
import { integer, member } from '../config/json-fields.ts';
import { parseRecord, type PopIdentity } from './check-point.ts';

/** Messages of one pop that are consumed (AckMsg, BatchAckMsg). */
export interface AckRecord extends PopIdentity {
  readonly offsets: readonly number[];
}

/** The body of a single acknowledgement's record, as fastjson writes an AckMsg. */
export function encodeAck(ack: AckRecord, offset: number): Buffer {
  return Buffer.from(stringifyJson({ ao: offset, ...common(ack) }));
}

/** The body of a record for several, as fastjson writes a BatchAckMsg. */
export function encodeBatchAck(ack: AckRecord): Buffer {
  return Buffer.from(stringifyJson({ ao: -1, aol: ack.offsets, ...common(ack) }));
}

/** Reads a record of either kind; undefined when it is none. */
export function decodeAck(body: Buffer): AckRecord | undefined {
  const json = parseRecord(body);
  const text = (short: string, long: string): string | undefined => {
    const value = member(json, short) ?? member(json, long);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const number = (short: string, long: string): number =>
    integer(member(json, short) ?? member(json, long), 0);
  const topic = text('t', 'topic');
  const group = text('c', 'consumerGroup');
  if (topic === undefined || group === undefined) return undefined;
  const list = member(json, 'aol') ?? member(json, 'ackOffsetList');
  return {
    topic,
    group,
    queueId: number('q', 'queueId'),
    startOffset: number('so', 'startOffset'),
    popTime: number('pt', 'popTime'),
    brokerName: text('bn', 'brokerName'),
    offsets: Array.isArray(list) ? list.map((offset) => integer(offset, -1)) : [number('ao', 'ackOffset')],
  };
}

function common(ack: AckRecord): Record<string, unknown> {
  return {
    ...(ack.brokerName !== undefined && { bn: ack.brokerName }),
    c: ack.group,
    pt: ack.popTime,
    q: ack.queueId,
    so: ack.startOffset,
    t: ack.topic,
  };
}
