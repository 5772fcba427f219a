import type { GoldenCase } from '../recorder.ts';

const queue = { topic: 'order', brokerName: 'broker-a', queueId: 0 };
const queue1 = { ...queue, queueId: 1 };
const dataVersion = { stateVersion: 0, timestamp: 1_700_000_000_000, counter: 3 };

const topicConfig = {
  topicName: 'order',
  readQueueNums: 8,
  writeQueueNums: 8,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: false,
  attributes: {},
};
const fifoTopicConfig = {
  ...topicConfig,
  topicName: 'ordered',
  order: true,
  attributes: { 'message.type': 'FIFO' },
};

const route = {
  queueDatas: [{ brokerName: 'broker-a', readQueueNums: 8, writeQueueNums: 8, perm: 6, topicSysFlag: 0 }],
  brokerDatas: [
    {
      cluster: 'DefaultCluster',
      brokerName: 'broker-a',
      brokerAddrs: { 0: '10.0.0.1:10911', 1: '10.0.0.2:10911' },
    },
  ],
  filterServerTable: {},
};

const subscription = {
  topic: 'order',
  subString: 'created || paid',
  tagsSet: ['created', 'paid'],
  codeSet: [1_028_554_472, 3_433_164],
  subVersion: 1_700_000_000_456,
  expressionType: 'TAG',
  classFilterMode: false,
};

const consumer = {
  groupName: 'stock-service',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [subscription],
  unitMode: false,
};

const group = {
  groupName: 'stock-service',
  consumeEnable: true,
  consumeFromMinEnable: true,
  consumeBroadcastEnable: true,
  consumeMessageOrderly: false,
  retryQueueNums: 1,
  retryMaxTimes: 16,
  brokerId: 0,
  whichBrokerWhenConsumeSlowly: 1,
  notifyConsumerIdsChangedEnable: true,
  groupSysFlag: 0,
  consumeTimeoutMinute: 15,
};

const connection = { clientId: '10.0.0.1@1', clientAddr: '10.0.0.1:50000', language: 'JAVA', version: 479 };

const bodies: Record<string, [type: string, value: Record<string, unknown>]> = {
  'route of a topic': ['TopicRouteData', route],
  'route of an ordered topic': ['TopicRouteData', { ...route, orderTopicConf: 'broker-a:8' }],
  'route with text beyond ASCII': [
    'TopicRouteData',
    { ...route, brokerDatas: [{ cluster: '集群', brokerName: 'é', brokerAddrs: { 0: '10.0.0.1:10911' } }] },
  ],
  'empty route': ['TopicRouteData', { queueDatas: [], brokerDatas: [], filterServerTable: {} }],
  'cluster info': [
    'ClusterInfo',
    {
      brokerAddrTable: { 'broker-a': { ...route.brokerDatas[0] } },
      clusterAddrTable: { DefaultCluster: ['broker-a'] },
    },
  ],
  'heartbeat of a producer and a consumer': [
    'HeartbeatData',
    {
      clientID: '10.0.0.1@4711#123',
      producerDataSet: [{ groupName: 'order-service' }],
      consumerDataSet: [consumer],
    },
  ],
  'heartbeat of nobody': [
    'HeartbeatData',
    { clientID: '10.0.0.1@4711', producerDataSet: [], consumerDataSet: [] },
  ],
  'topic configuration': ['TopicConfig', topicConfig],
  'topic configurations': [
    'TopicConfigSerializeWrapper',
    { dataVersion, topicConfigTable: { order: topicConfig, ordered: fifoTopicConfig } },
  ],
  'data version': ['DataVersion', dataVersion],
  'subscription group': ['SubscriptionGroupConfig', group],
  'subscription groups': [
    'SubscriptionGroupWrapper',
    {
      dataVersion,
      subscriptionGroupTable: { 'stock-service': group },
      forbiddenTable: { 'stock-service': { order: 1 } },
    },
  ],
  'consumer offsets': [
    'ConsumerOffsetSerializeWrapper',
    { dataVersion, offsetTable: { 'order@stock-service': { 0: 5, 1: 9_007_199_254_740_991 } } },
  ],
  'lock request': [
    'LockBatchRequestBody',
    { consumerGroup: 'stock-service', clientId: '10.0.0.1@1', mqSet: [queue], onlyThisBroker: false },
  ],
  'unlock request': [
    'UnlockBatchRequestBody',
    { consumerGroup: 'stock-service', clientId: '10.0.0.1@1', mqSet: [queue], onlyThisBroker: false },
  ],
  'lock response': ['LockBatchResponseBody', { lockOKMQSet: [queue] }],
  'reset offsets': ['ResetOffsetBody', { offsetTable: [{ queue, value: 7 }] }],
  'reset offsets of several queues': [
    'ResetOffsetBody',
    {
      offsetTable: [
        { queue, value: 7 },
        { queue: queue1, value: '9223372036854775807' },
      ],
    },
  ],
  'consume stats': [
    'ConsumeStats',
    {
      consumeTps: 1.5,
      offsetTable: [
        {
          queue,
          value: { brokerOffset: 10, consumerOffset: 7, pullOffset: 8, lastTimestamp: 1_700_000_000_000 },
        },
      ],
    },
  ],
  'topic stats': [
    'TopicStatsTable',
    {
      offsetTable: [{ queue, value: { minOffset: 0, maxOffset: 5, lastUpdateTimestamp: 1_700_000_000_000 } }],
    },
  ],
  'key value table': ['KVTable', { table: { brokerVersionDesc: 'V5_5_0', putTps: '0.0 0.0 0.0' } }],
  'topic list': ['TopicList', { topicList: ['order', 'pay'] }],
  'group list': ['GroupList', { groupList: ['stock-service'] }],
  'consumer ids': ['GetConsumerListByGroupResponseBody', { consumerIdList: ['10.0.0.1@1', '10.0.0.1@2'] }],
  'consumer connections': [
    'ConsumerConnection',
    {
      connectionSet: [connection],
      subscriptionTable: { order: subscription },
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    },
  ],
  'producer connections': ['ProducerConnection', { connectionSet: [connection] }],
  'consumer status': [
    'GetConsumerStatusBody',
    { messageQueueTable: [{ queue, value: 7 }], consumerTable: { '10.0.0.1@1': [{ queue, value: 7 }] } },
  ],
  'subscription check': [
    'CheckClientRequestBody',
    { clientId: '10.0.0.1@1', group: 'stock-service', subscriptionData: subscription },
  ],
  'direct consumption': [
    'ConsumeMessageDirectlyResult',
    { order: false, autoCommit: true, consumeResult: 'CR_SUCCESS', remark: 'done', spentTimeMills: 3 },
  ],
  'consumer running information': [
    'ConsumerRunningInfo',
    {
      properties: { PROP_CONSUMEORDERLY: 'false', PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY' },
      subscriptionSet: [subscription],
      mqTable: [
        {
          queue,
          value: {
            commitOffset: 5,
            cachedMsgMinOffset: 0,
            cachedMsgMaxOffset: 0,
            cachedMsgCount: 0,
            cachedMsgSizeInMiB: 0,
            transactionMsgMinOffset: 0,
            transactionMsgMaxOffset: 0,
            transactionMsgCount: 0,
            locked: false,
            tryUnlockTimes: 0,
            lastLockTimestamp: 0,
            droped: false,
            lastPullTimestamp: 0,
            lastConsumeTimestamp: 0,
          },
        },
      ],
      statusTable: {
        order: {
          pullRT: 1.25,
          pullTPS: 0,
          consumeRT: 0,
          consumeOKTPS: 0,
          consumeFailedTPS: 0,
          consumeFailedMsgs: 0,
        },
      },
    },
  ],
};

const registration = {
  topicConfigSerializeWrapper: {
    dataVersion,
    topicConfigTable: { order: topicConfig, ordered: fifoTopicConfig },
    mappingDataVersion: { ...dataVersion, counter: 0 },
  },
  filterServerList: [],
};

/** JSON bodies in the default dialect; the route in the standard one too. */
export const bodyCases: GoldenCase[] = [
  ...Object.entries(bodies).map(([name, [type, value]]) => ({
    name,
    kind: 'body' as const,
    inputs: { class: type, value },
  })),
  ...Object.entries(bodies)
    .filter(([, [type]]) => type === 'TopicRouteData')
    .map(([name, [type, value]]) => ({
      name: `${name}, standard JSON`,
      kind: 'standardBody' as const,
      inputs: { class: type, value },
    })),
  {
    name: 'registration of a broker',
    kind: 'registerBrokerBody',
    inputs: { compressed: false, value: registration },
  },
  {
    name: 'registration of a broker, compressed',
    kind: 'registerBrokerBody',
    inputs: { compressed: true, value: registration },
  },
];
