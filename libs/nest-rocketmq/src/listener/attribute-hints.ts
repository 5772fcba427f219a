const NO_THREADS = 'there is no pool of threads here: leave it out';
const CHECKS = "how many checks run at the same time is the module's producer.checkConcurrency";

/** What those who come from rocketmq-spring may write, and what it is here. */
export const ATTRIBUTE_HINTS: ReadonlyMap<string, string> = new Map([
  ['consumeThreadNumber', 'it is concurrency'],
  ['consumeThreadMax', 'it had no effect; how many messages are handled at the same time is concurrency'],
  ['suspendCurrentQueueTimeMillis', "it is suspendCurrentQueueTime, in milliseconds or as '2s'"],
  ['awaitTerminationMillisWhenShutdown', "it is drain, in milliseconds or as '30s'"],
  ['consumeMessageBatchMaxSize', "it is batch: { size: 100, wait: '200ms' }"],
  ['tlsEnable', 'it is tls'],
  ['corePoolSize', CHECKS],
  ['maximumPoolSize', CHECKS],
  ['keepAliveTime', NO_THREADS],
  ['keepAliveTimeUnit', NO_THREADS],
  ['blockingQueueSize', "how many checks may wait is the module's producer.checkRequestHoldMax"],
  ['rocketMQTemplateBeanName', 'it is connection, the name of a module'],
]);
