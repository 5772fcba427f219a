/** POP consumption and the queue assignment by the broker: Java's keys and defaults. Times in milliseconds. */
export const popDefaults = {
  /** PULL or POP: how groups get messages where it was not set. */
  defaultMessageRequestMode: 'PULL',
  /** How many more clients share each queue that is popped; 0 or less: all. */
  defaultPopShareQueueNum: -1,
  serverLoadBalancerEnable: true,
  loadBalancePollNameServerInterval: 30_000,
  enableRetryTopicV2: false,
  retrieveMessageFromPopRetryTopicV1: true,
  popResponseReturnActualRetryTopic: false,
  /** Percent of pops that look into the retry topic first. */
  popFromRetryProbability: 20,
  initPopOffsetByCheckMsgInMem: true,
  /** Pops that may wait at one queue of one group, and in all. */
  popPollingSize: 1024,
  maxPopPollingSize: 100_000,
  reviveInterval: 1000,
  skipWhenCKRePutReachMaxTimes: false,
};
