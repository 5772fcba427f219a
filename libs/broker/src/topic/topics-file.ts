import { stringifyJson, TopicConfig, type DataVersion } from '@nest-rocketmq/protocol';
import { dataVersionOf, member, members } from '../config/json-fields.ts';

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
  const topic = TopicConfig.decode(Buffer.from(stringifyJson(entry)));
  return { ...topic, topicName: topic.topicName || name };
}
