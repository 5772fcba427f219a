import { integer, member } from '../config/json-fields.ts';
import type { BloomFilterData } from './bloom-filter.ts';

/** By what a group filters a topic (ConsumerFilterData). */
export interface ConsumerFilterData {
  readonly bloomFilterData: BloomFilterData | undefined;
  /** When it was registered, in milliseconds since the epoch. */
  readonly bornTime: number;
  /** The `subVersion` of the subscription. */
  clientVersion: number;
  readonly consumerGroup: string;
  /** Since when no member has it; 0 or before {@link bornTime}: one has. */
  deadTime: number;
  readonly expression: string;
  readonly expressionType: string;
  readonly topic: string;
}

export function isDead({ bornTime, deadTime }: ConsumerFilterData): boolean {
  return deadTime >= bornTime;
}

/** An entry of `consumerFilter.json`; undefined when it is none. */
export function readFilterData(value: unknown): ConsumerFilterData | undefined {
  const text = (key: string): string => {
    const found = member(value, key);
    return typeof found === 'string' ? found : '';
  };
  const [consumerGroup, topic, expression] = [text('consumerGroup'), text('topic'), text('expression')];
  if (consumerGroup === '' || topic === '' || expression === '') return undefined;
  const bloom = member(value, 'bloomFilterData');
  const bitPos = member(bloom, 'bitPos');
  return {
    bloomFilterData: Array.isArray(bitPos)
      ? { bitNum: integer(member(bloom, 'bitNum'), 0), bitPos: bitPos.map((bit) => integer(bit, 0)) }
      : undefined,
    bornTime: integer(member(value, 'bornTime'), 0),
    clientVersion: integer(member(value, 'clientVersion'), 0),
    consumerGroup,
    deadTime: integer(member(value, 'deadTime'), 0),
    expression,
    expressionType: text('expressionType'),
    topic,
  };
}

/** The same as the file has it: `dead` is there because Java's class tells it, and is not read. */
export function writeFilterData(data: ConsumerFilterData): Record<string, unknown> {
  const { bloomFilterData, bornTime, clientVersion, consumerGroup, ...rest } = data;
  return { bloomFilterData, bornTime, clientVersion, consumerGroup, dead: isDead(data), ...rest };
}
