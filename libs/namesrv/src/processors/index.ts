import { RequestCode } from '@nest-rocketmq/protocol';
import type { RemotingServer, RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';
import { addWritePermOfBroker } from './add-write-perm-of-broker.ts';
import { brokerHeartbeat } from './broker-heartbeat.ts';
import { deleteKvConfig } from './delete-kv-config.ts';
import { deleteTopicInNamesrv } from './delete-topic-in-namesrv.ts';
import { getAllTopicListFromNameserver } from './get-all-topic-list-from-nameserver.ts';
import { getBrokerClusterInfo } from './get-broker-cluster-info.ts';
import { getBrokerMemberGroup } from './get-broker-member-group.ts';
import { getHasUnitSubTopicList } from './get-has-unit-sub-topic-list.ts';
import { getHasUnitSubUnunitTopicList } from './get-has-unit-sub-ununit-topic-list.ts';
import { getKvConfig } from './get-kv-config.ts';
import { getKvListByNamespace } from './get-kv-list-by-namespace.ts';
import { getNamesrvConfig } from './get-namesrv-config.ts';
import { getRouteInfoByTopic, hotGetRouteInfoByTopic } from './get-route-info-by-topic.ts';
import { getSystemTopicListFromNs } from './get-system-topic-list-from-ns.ts';
import { getTopicsByCluster } from './get-topics-by-cluster.ts';
import { getUnitTopicList } from './get-unit-topic-list.ts';
import { putKvConfig } from './put-kv-config.ts';
import { queryDataVersion } from './query-data-version.ts';
import { registerBroker } from './register-broker.ts';
import { registerTopicInNamesrv } from './register-topic-in-namesrv.ts';
import { unregisterBroker } from './unregister-broker.ts';
import { updateNamesrvConfig } from './update-namesrv-config.ts';
import { wipeWritePermOfBroker } from './wipe-write-perm-of-broker.ts';

const PROCESSORS: readonly [code: number, processor: (context: NamesrvContext) => RequestProcessor][] = [
  [RequestCode.PUT_KV_CONFIG, putKvConfig],
  [RequestCode.GET_KV_CONFIG, getKvConfig],
  [RequestCode.DELETE_KV_CONFIG, deleteKvConfig],
  [RequestCode.GET_KVLIST_BY_NAMESPACE, getKvListByNamespace],
  [RequestCode.REGISTER_BROKER, registerBroker],
  [RequestCode.UNREGISTER_BROKER, unregisterBroker],
  [RequestCode.BROKER_HEARTBEAT, brokerHeartbeat],
  [RequestCode.QUERY_DATA_VERSION, queryDataVersion],
  [RequestCode.GET_BROKER_MEMBER_GROUP, getBrokerMemberGroup],
  [RequestCode.GET_ROUTEINFO_BY_TOPIC, getRouteInfoByTopic],
  [RequestCode.GET_BROKER_CLUSTER_INFO, getBrokerClusterInfo],
  [RequestCode.WIPE_WRITE_PERM_OF_BROKER, wipeWritePermOfBroker],
  [RequestCode.ADD_WRITE_PERM_OF_BROKER, addWritePermOfBroker],
  [RequestCode.REGISTER_TOPIC_IN_NAMESRV, registerTopicInNamesrv],
  [RequestCode.DELETE_TOPIC_IN_NAMESRV, deleteTopicInNamesrv],
  [RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, getAllTopicListFromNameserver],
  [RequestCode.GET_TOPICS_BY_CLUSTER, getTopicsByCluster],
  [RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS, getSystemTopicListFromNs],
  [RequestCode.GET_UNIT_TOPIC_LIST, getUnitTopicList],
  [RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST, getHasUnitSubTopicList],
  [RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST, getHasUnitSubUnunitTopicList],
  [RequestCode.UPDATE_NAMESRV_CONFIG, updateNamesrvConfig],
  [RequestCode.GET_NAMESRV_CONFIG, getNamesrvConfig],
];

/** Registers everything a NameServer serves; any other code is answered with 3 by the server. */
export function registerProcessors(server: RemotingServer, context: NamesrvContext): void {
  for (const [code, processor] of PROCESSORS) server.register(code, processor(context));
  server.registerHot(RequestCode.GET_ROUTEINFO_BY_TOPIC, hotGetRouteInfoByTopic(context));
}
