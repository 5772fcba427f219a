import {
  anyJson,
  boolean,
  integer,
  list,
  mapOf,
  maybe,
  numberMapOf,
  record,
  string,
  type ShapeType,
} from '../json/shape.ts';
import { standardJsonBody } from './body-codec.ts';

const queueData = record({
  brokerName: string(),
  readQueueNums: integer(),
  writeQueueNums: integer(),
  perm: integer(),
  topicSysFlag: integer(),
});

/** The queues of a topic on one broker. */
export type QueueData = ShapeType<typeof queueData>;

export const brokerData = record({
  cluster: string(),
  brokerName: string(),
  brokerAddrs: numberMapOf(string()),
  enableActingMaster: maybe(boolean()),
  zoneName: maybe(string()),
});

/** A broker and its replicas: `ip:port` by broker id, 0 being the master. */
export type BrokerData = ShapeType<typeof brokerData>;

const topicRouteData = record({
  orderTopicConf: maybe(string()),
  queueDatas: list(queueData),
  brokerDatas: list(brokerData),
  filterServerTable: mapOf(list(string())),
  topicQueueMappingByBroker: maybe(mapOf(anyJson())),
});

/** Where a topic lives. */
export type TopicRouteData = ShapeType<typeof topicRouteData>;

/** The body of a route answer (105), and of a topic registration (217). */
export const TopicRouteData = standardJsonBody(topicRouteData);
