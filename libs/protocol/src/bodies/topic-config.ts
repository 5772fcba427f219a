import {
  anyJson,
  boolean,
  integer,
  list,
  mapOf,
  maybe,
  record,
  string,
  type ShapeType,
} from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { dataVersion } from './data-version.ts';

export const topicConfig = record({
  topicName: string(),
  readQueueNums: integer(16),
  writeQueueNums: integer(16),
  perm: integer(6),
  topicFilterType: string('SINGLE_TAG'),
  topicSysFlag: integer(),
  order: boolean(),
  attributes: mapOf(string()),
});

/** The configuration of a topic on one broker. `topicFilterType`: SINGLE_TAG or MULTI_TAG. */
export type TopicConfig = ShapeType<typeof topicConfig>;

/** The body of a topic configuration answer (351). */
export const TopicConfig = jsonBody(topicConfig);

export const topicConfigSerializeWrapper = record({
  topicConfigTable: mapOf(topicConfig),
  dataVersion,
  mappingDataVersion: maybe(dataVersion),
  topicQueueMappingInfoMap: maybe(mapOf(anyJson())),
  topicQueueMappingDetailMap: maybe(mapOf(anyJson())),
});

/** All topics of a broker, and which state of them this is. */
export type TopicConfigSerializeWrapper = ShapeType<typeof topicConfigSerializeWrapper>;

/** The body of the answer with all topic configurations (21). */
export const TopicConfigSerializeWrapper = jsonBody(topicConfigSerializeWrapper);

/** The body of a creation of several topics (18). */
export const CreateTopicListRequestBody = jsonBody(record({ topicConfigList: list(topicConfig) }));
