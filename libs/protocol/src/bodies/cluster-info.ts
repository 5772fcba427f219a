import { list, mapOf, maybe, numberMapOf, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { brokerData } from './topic-route-data.ts';

const clusterInfo = record({ brokerAddrTable: mapOf(brokerData), clusterAddrTable: mapOf(list(string())) });

/** All brokers by name, and the broker names of each cluster. */
export type ClusterInfo = ShapeType<typeof clusterInfo>;

/** The body of a cluster answer (106). */
export const ClusterInfo = jsonBody(clusterInfo);

const brokerMemberGroup = record({
  cluster: string(),
  brokerName: string(),
  brokerAddrs: numberMapOf(string()),
});

/** The members of one broker group: `ip:port` by broker id. */
export type BrokerMemberGroup = ShapeType<typeof brokerMemberGroup>;

const getBrokerMemberGroupResponseBody = record({ brokerMemberGroup: maybe(brokerMemberGroup) });

/** A broker group, absent when there is none. */
export type GetBrokerMemberGroupResponseBody = ShapeType<typeof getBrokerMemberGroupResponseBody>;

/** The body of a member group answer (901). */
export const GetBrokerMemberGroupResponseBody = jsonBody(getBrokerMemberGroupResponseBody);
