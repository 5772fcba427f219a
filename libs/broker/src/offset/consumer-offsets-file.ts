import type { DataVersion } from '@nest-rocketmq/protocol';
import { dataVersionOf, integer, member, members } from '../config/json-fields.ts';

/** What `consumerOffset.json` holds: `topic@group` -> queue -> offset. */
export interface StoredConsumerOffsets {
  offsets: Map<string, Map<number, number>>;
  dataVersion: DataVersion | undefined;
}

/** Reads the value of `consumerOffset.json`, with quoted or bare queue numbers; undefined when there is no file. */
export function readConsumerOffsets(value: unknown): StoredConsumerOffsets | undefined {
  if (value === undefined) return undefined;
  const offsets = new Map<string, Map<number, number>>();
  for (const [key, queues] of members(member(value, 'offsetTable'))) {
    const table = new Map<number, number>();
    for (const [queue, offset] of members(queues)) {
      const queueId = Number(queue);
      if (Number.isInteger(queueId) && queueId >= 0) table.set(queueId, integer(offset, 0));
    }
    offsets.set(key, table);
  }
  return { offsets, dataVersion: dataVersionOf(member(value, 'dataVersion')) };
}

/** The value of `consumerOffset.json`; the queue numbers become bare keys, as Java writes them. */
export function writeConsumerOffsets(
  offsets: ReadonlyMap<string, ReadonlyMap<number, number>>,
  dataVersion: DataVersion,
): unknown {
  return { dataVersion, groupTopicMap: groupTopics(offsets), offsetTable: offsets };
}

/** Each group's topics: Java writes them beside the table and does not read them back. */
function groupTopics(offsets: ReadonlyMap<string, unknown>): Map<string, string[]> {
  const topics = new Map<string, string[]>();
  for (const key of offsets.keys()) {
    const at = key.indexOf('@');
    if (at < 0) continue;
    const group = key.slice(at + 1);
    topics.set(group, [...(topics.get(group) ?? []), key.slice(0, at)]);
  }
  return topics;
}
