export { BatchAckMessageRequestBody, type BatchAck } from './batch-ack.ts';
export { type BodyCodec, type BodyType, type Peer } from './body-codec.ts';
export {
  CheckClientRequestBody,
  ConsumeMessageDirectlyResult,
  ConsumerRunningInfo,
  type ConsumeStatus,
  type ProcessQueueInfo,
} from './client-diagnosis.ts';
export { ClusterInfo, GetBrokerMemberGroupResponseBody, type BrokerMemberGroup } from './cluster-info.ts';
export { ConsumerConnection, ProducerConnection, type ClientConnection } from './connections.ts';
export { DataVersion, sameDataVersion } from './data-version.ts';
export { HeartbeatData, type ConsumerData, type ProducerData } from './heartbeat-data.ts';
export { GetConsumerListByGroupResponseBody, GroupList, KVTable, TopicList } from './lists.ts';
export { LockBatchRequestBody, LockBatchResponseBody, UnlockBatchRequestBody } from './lock-batch.ts';
export {
  MessageRequestModeSerializeWrapper,
  QueryAssignmentRequestBody,
  QueryAssignmentResponseBody,
  SetMessageRequestModeRequestBody,
  type MessageQueueAssignment,
  type MessageRequestMode,
} from './message-request-mode.ts';
export { compareQueues, queueKey, type MessageQueue, type QueueEntry } from './message-queue.ts';
export {
  ConsumerOffsetSerializeWrapper,
  GetConsumerStatusBody,
  ResetOffsetBody,
  ResetOffsetBodyForC,
} from './offsets.ts';
export {
  decodeCompressedRegisterBrokerBody,
  encodeCompressedRegisterBrokerBody,
  RegisterBrokerBody,
} from './register-broker-body.ts';
export { ConsumeStats, TopicStatsTable, type OffsetWrapper, type TopicOffset } from './stats.ts';
export { type SubscriptionData } from './subscription-data.ts';
export {
  defaultSubscriptionGroupConfig,
  SubscriptionGroupConfig,
  SubscriptionGroupWrapper,
} from './subscription-group-config.ts';
export { CreateTopicListRequestBody, TopicConfig, TopicConfigSerializeWrapper } from './topic-config.ts';
export { TopicRouteData, type BrokerData, type QueueData } from './topic-route-data.ts';
