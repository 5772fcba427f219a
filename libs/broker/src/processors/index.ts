import { RequestCode } from '@nest-rocketmq/protocol';
import type { HotProcessor, RemotingServer, RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { ackMessage, batchAckMessage } from '../pop/ack-message.ts';
import { changeMessageInvisibleTime } from '../pop/change-message-invisible-time.ts';
import { notification } from '../pop/notification.ts';
import { peekMessage } from '../pop/peek-message.ts';
import { pollingInfo } from '../pop/polling-info.ts';
import {
  deleteAclConfig,
  getBrokerClusterAclConfig,
  getBrokerClusterAclInfo,
  updateAndCreateAclConfig,
  updateGlobalWhiteAddrsConfig,
} from './plain-acl-config.ts';
import { popMessage } from '../pop/pop-message.ts';
import { queryAssignment } from '../pop/query-assignment.ts';
import { getAllMessageRequestMode, setMessageRequestMode } from '../pop/set-message-request-mode.ts';
import { checkClientConfig } from './check-client-config.ts';
import { consumerSendMsgBack } from './consumer-send-msg-back.ts';
import { deleteSubscriptionGroup } from './delete-subscription-group.ts';
import { deleteTopicInBroker } from './delete-topic-in-broker.ts';
import { endTransaction } from './end-transaction.ts';
import { getAllConsumerOffset } from './get-all-consumer-offset.ts';
import { getAllSubscriptionGroupConfig } from './get-all-subscription-group-config.ts';
import { getAllTopicConfig } from './get-all-topic-config.ts';
import { getBrokerConfig } from './get-broker-config.ts';
import { getBrokerRuntimeInfo } from './get-broker-runtime-info.ts';
import { getConsumeStats } from './get-consume-stats.ts';
import { getConsumerConnectionList } from './get-consumer-connection-list.ts';
import { getConsumerListByGroup } from './get-consumer-list-by-group.ts';
import { getEarliestMsgStoretime } from './get-earliest-msg-storetime.ts';
import { getMaxOffset } from './get-max-offset.ts';
import { getMinOffset } from './get-min-offset.ts';
import { getProducerConnectionList } from './get-producer-connection-list.ts';
import { getSubscriptionGroupConfig } from './get-subscription-group-config.ts';
import { getTimerCheckPoint, getTimerMetrics } from './get-timer-state.ts';
import { getTopicConfig } from './get-topic-config.ts';
import { getTopicStatsInfo } from './get-topic-stats-info.ts';
import { heartBeat } from './heart-beat.ts';
import { invokeBrokerToGetConsumerStatus } from './invoke-broker-to-get-consumer-status.ts';
import { invokeBrokerToResetOffset } from './invoke-broker-to-reset-offset.ts';
import { lockBatchMq } from './lock-batch-mq.ts';
import { pullMessage } from './pull-message.ts';
import { queryConsumerOffset } from './query-consumer-offset.ts';
import { queryMessage } from './query-message.ts';
import { queryTopicConsumeByWho } from './query-topic-consume-by-who.ts';
import { consumeMessageDirectly, getConsumerRunningInfo } from './relay-to-consumer.ts';
import { recallMessage } from './recall-message.ts';
import { resumeCheckHalfMessage } from './resume-check-half-message.ts';
import { searchOffsetByTimestamp } from './search-offset-by-timestamp.ts';
import { sendMessage } from './send-message.ts';
import { sendReplyMessage } from './send-reply-message.ts';
import { unlockBatchMq } from './unlock-batch-mq.ts';
import { unregisterClient } from './unregister-client.ts';
import { updateAndCreateSubscriptionGroup } from './update-and-create-subscription-group.ts';
import { updateAndCreateTopic } from './update-and-create-topic.ts';
import { updateBrokerConfig } from './update-broker-config.ts';
import { updateConsumerOffset } from './update-consumer-offset.ts';
import { viewMessageById } from './view-message-by-id.ts';

/** Who serves which code from the bytes of the request. */
export const HOT_PROCESSORS: readonly (readonly [
  code: number,
  create: (broker: BrokerContext) => HotProcessor,
])[] = [
  [RequestCode.SEND_MESSAGE, sendMessage],
  [RequestCode.SEND_MESSAGE_V2, sendMessage],
  [RequestCode.SEND_BATCH_MESSAGE, sendMessage],
  [RequestCode.PULL_MESSAGE, pullMessage],
  [RequestCode.LITE_PULL_MESSAGE, pullMessage],
];

/** Who serves which other code. What is in neither table is answered REQUEST_CODE_NOT_SUPPORTED (3). */
export const PROCESSORS: readonly (readonly [
  code: number,
  create: (broker: BrokerContext) => RequestProcessor,
])[] = [
  [RequestCode.QUERY_MESSAGE, queryMessage],
  [RequestCode.QUERY_CONSUMER_OFFSET, queryConsumerOffset],
  [RequestCode.UPDATE_CONSUMER_OFFSET, updateConsumerOffset],
  [RequestCode.UPDATE_AND_CREATE_TOPIC, updateAndCreateTopic],
  [RequestCode.GET_ALL_TOPIC_CONFIG, getAllTopicConfig],
  [RequestCode.UPDATE_BROKER_CONFIG, updateBrokerConfig],
  [RequestCode.UPDATE_AND_CREATE_ACL_CONFIG, updateAndCreateAclConfig],
  [RequestCode.DELETE_ACL_CONFIG, deleteAclConfig],
  [RequestCode.GET_BROKER_CLUSTER_ACL_INFO, getBrokerClusterAclInfo],
  [RequestCode.UPDATE_GLOBAL_WHITE_ADDRS_CONFIG, updateGlobalWhiteAddrsConfig],
  [RequestCode.GET_BROKER_CLUSTER_ACL_CONFIG, getBrokerClusterAclConfig],
  [RequestCode.GET_BROKER_CONFIG, getBrokerConfig],
  [RequestCode.GET_BROKER_RUNTIME_INFO, getBrokerRuntimeInfo],
  [RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, searchOffsetByTimestamp],
  [RequestCode.GET_MAX_OFFSET, getMaxOffset],
  [RequestCode.GET_MIN_OFFSET, getMinOffset],
  [RequestCode.GET_EARLIEST_MSG_STORETIME, getEarliestMsgStoretime],
  [RequestCode.VIEW_MESSAGE_BY_ID, viewMessageById],
  [RequestCode.HEART_BEAT, heartBeat],
  [RequestCode.UNREGISTER_CLIENT, unregisterClient],
  [RequestCode.CONSUMER_SEND_MSG_BACK, consumerSendMsgBack],
  [RequestCode.END_TRANSACTION, endTransaction],
  [RequestCode.RESUME_CHECK_HALF_MESSAGE, resumeCheckHalfMessage],
  [RequestCode.GET_CONSUMER_LIST_BY_GROUP, getConsumerListByGroup],
  [RequestCode.LOCK_BATCH_MQ, lockBatchMq],
  [RequestCode.UNLOCK_BATCH_MQ, unlockBatchMq],
  [RequestCode.GET_ALL_CONSUMER_OFFSET, getAllConsumerOffset],
  [RequestCode.CHECK_CLIENT_CONFIG, checkClientConfig],
  [RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, updateAndCreateSubscriptionGroup],
  [RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, getAllSubscriptionGroupConfig],
  [RequestCode.GET_TOPIC_STATS_INFO, getTopicStatsInfo],
  [RequestCode.GET_CONSUMER_CONNECTION_LIST, getConsumerConnectionList],
  [RequestCode.GET_PRODUCER_CONNECTION_LIST, getProducerConnectionList],
  [RequestCode.DELETE_SUBSCRIPTIONGROUP, deleteSubscriptionGroup],
  [RequestCode.GET_CONSUME_STATS, getConsumeStats],
  [RequestCode.DELETE_TOPIC_IN_BROKER, deleteTopicInBroker],
  [RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, queryTopicConsumeByWho],
  [RequestCode.GET_TOPIC_CONFIG, getTopicConfig],
  [RequestCode.RECALL_MESSAGE, recallMessage],
  [RequestCode.GET_TIMER_CHECK_POINT, getTimerCheckPoint],
  [RequestCode.GET_TIMER_METRICS, getTimerMetrics],
  [RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, getSubscriptionGroupConfig],
  [RequestCode.POP_MESSAGE, popMessage],
  [RequestCode.ACK_MESSAGE, ackMessage],
  [RequestCode.BATCH_ACK_MESSAGE, batchAckMessage],
  [RequestCode.CHANGE_MESSAGE_INVISIBLETIME, changeMessageInvisibleTime],
  [RequestCode.PEEK_MESSAGE, peekMessage],
  [RequestCode.NOTIFICATION, notification],
  [RequestCode.POLLING_INFO, pollingInfo],
  [RequestCode.QUERY_ASSIGNMENT, queryAssignment],
  [RequestCode.SET_MESSAGE_REQUEST_MODE, setMessageRequestMode],
  [RequestCode.GET_ALL_MESSAGE_REQUEST_MODE, getAllMessageRequestMode],
  [RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, invokeBrokerToResetOffset],
  [RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, invokeBrokerToGetConsumerStatus],
  [RequestCode.GET_CONSUMER_RUNNING_INFO, getConsumerRunningInfo],
  [RequestCode.CONSUME_MESSAGE_DIRECTLY, consumeMessageDirectly],
  [RequestCode.SEND_REPLY_MESSAGE, sendReplyMessage],
  [RequestCode.SEND_REPLY_MESSAGE_V2, sendReplyMessage],
];

/** Has the servers serve every code, all with the same processors. */
export function registerProcessors(broker: BrokerContext, servers: readonly RemotingServer[]): void {
  const hot = new Map<(broker: BrokerContext) => HotProcessor, HotProcessor>();
  for (const [code, create] of HOT_PROCESSORS) {
    const processor = hot.get(create) ?? create(broker);
    hot.set(create, processor);
    for (const server of servers) server.registerHot(code, processor);
  }
  for (const [code, create] of PROCESSORS) {
    const processor = create(broker);
    for (const server of servers) server.register(code, processor);
  }
}
