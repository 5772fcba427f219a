import type { DataVersion, TopicConfig } from '@nest-rocketmq/protocol';
import { dataVersionOf, flag, integer, member, members, text, texts } from '../config/json-fields.ts';
import { defaultTopicConfig } from './initial-topics.ts';

/** What `topics.json` holds. */
export interface StoredTopics {
  topics: TopicConfig[];
  dataVersion: DataVersion | undefined;
}

/** Reads the value of `topics.json` as 4.9 and 5.x write it; undefined when there is no file. */
export function readTopics(value: unknown): StoredTopics | undefined {
  if (value === undefined) return undefined;
  const topics = members(member(value, 'topicConfigTable')).map(([name, entry]) => readTopic(name, entry));
  return { topics, dataVersion: dataVersionOf(member(value, 'dataVersion')) };
}

/** The value of `topics.json`. */
export function writeTopics(topics: ReadonlyMap<string, TopicConfig>, dataVersion: DataVersion): unknown {
  return { dataVersion, topicConfigTable: topics };
}

function readTopic(name: string, entry: unknown): TopicConfig {
  const fallback = defaultTopicConfig(name);
  return {
    topicName: text(member(entry, 'topicName'), name),
    readQueueNums: integer(member(entry, 'readQueueNums'), fallback.readQueueNums),
    writeQueueNums: integer(member(entry, 'writeQueueNums'), fallback.writeQueueNums),
    perm: integer(member(entry, 'perm'), fallback.perm),
    topicFilterType: member(entry, 'topicFilterType') === 'MULTI_TAG' ? 'MULTI_TAG' : 'SINGLE_TAG',
    topicSysFlag: integer(member(entry, 'topicSysFlag'), 0),
    order: flag(member(entry, 'order'), false),
    attributes: texts(member(entry, 'attributes')),
  };
}
