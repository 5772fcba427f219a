import { list, mapOf, maybe, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';

const topicList = record({ topicList: list(string()), brokerAddr: maybe(string()) });

/** Names of topics. */
export type TopicList = ShapeType<typeof topicList>;

/** The body of all answers that list topics. */
export const TopicList = jsonBody(topicList);

const groupList = record({ groupList: list(string()) });

/** Names of groups. */
export type GroupList = ShapeType<typeof groupList>;

/** The body of the answer who consumes a topic (300). */
export const GroupList = jsonBody(groupList);

const kvTable = record({ table: mapOf(string()) });

/** Texts by name. */
export type KVTable = ShapeType<typeof kvTable>;

/** The body of runtime information (28), KV lists (219) and a registration's answer (103). */
export const KVTable = jsonBody(kvTable);

const getConsumerListByGroupResponseBody = record({ consumerIdList: list(string()) });

/** The client ids of a group. */
export type GetConsumerListByGroupResponseBody = ShapeType<typeof getConsumerListByGroupResponseBody>;

/** The body of a consumer list answer (38). */
export const GetConsumerListByGroupResponseBody = jsonBody(getConsumerListByGroupResponseBody);
