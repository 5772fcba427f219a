/** What the broker allows and how it serves clients: Java's keys and defaults. Times in milliseconds unless named otherwise. */
export const behaviourDefaults = {
  // Topics
  autoCreateTopicEnable: true,
  defaultTopicQueueNums: 8,
  clusterTopicEnable: true,
  brokerTopicEnable: true,
  traceTopicEnable: false,
  msgTraceTopicName: 'RMQ_SYS_TRACE_TOPIC',
  traceOn: true,
  reviveQueueNum: 8,
  validateSystemTopicWhenUpdateTopic: true,
  enableMixedMessageType: false,
  clearRetryTopicWhenDeleteTopic: true,

  // Consumer groups and offsets
  autoCreateSubscriptionGroup: true,
  enableCreateSysGroup: true,
  flushConsumerOffsetInterval: 5000,
  consumerOffsetUpdateVersionStep: 500,
  useServerSideResetOffset: true,
  enableBroadcastOffsetStore: true,
  broadcastOffsetExpireSecond: 120,
  broadcastOffsetExpireMaxSecond: 300,

  // Clients
  notifyConsumerIdsChangedEnable: true,
  channelExpiredTimeout: 120_000,
  subscriptionExpiredTimeout: 600_000,
  lockInStrictMode: false,
  storeReplyMessageEnable: true,

  // Pull
  longPollingEnable: true,
  shortPollingTimeMills: 1000,
  litePullMessageEnable: true,
  rejectPullConsumerEnable: false,
  slaveReadEnable: false,
  disableConsumeIfConsumerReadSlowly: false,
  consumerFallbehindThreshold: 17_179_869_184,

  // Filters
  enablePropertyFilter: false,
  filterSupportRetry: false,
  filterDataCleanTimeSpan: 86_400_000,
  maxErrorRateOfBloomFilter: 20,
  expectConsumerNumUseFilter: 32,

  // Send
  brokerFastFailureEnable: true,
  waitTimeMillsInSendQueue: 200,
  startAcceptSendRequestTimeStamp: 0,
  recallMessageEnable: false,
  allowRecallWhenBrokerNotWriteable: true,

  // Transactions
  rejectTransactionMessage: false,
  transactionTimeOut: 6000,
  transactionCheckMax: 15,
  transactionCheckInterval: 30_000,
};
