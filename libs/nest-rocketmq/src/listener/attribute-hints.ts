const NO_THREADS = 'there is no pool of threads here: leave it out';

/** What those who come from rocketmq-spring may write, and what it is here. */
export const ATTRIBUTE_HINTS: ReadonlyMap<string, string> = new Map([
  ['consumeThreadNumber', 'it is concurrency'],
  ['consumeThreadMax', 'it had no effect; how many messages are handled at the same time is concurrency'],
  ['suspendCurrentQueueTimeMillis', "it is suspendCurrentQueueTime, in milliseconds or as '2s'"],
  ['awaitTerminationMillisWhenShutdown', "it is drain, in milliseconds or as '30s'"],
  ['consumeMessageBatchMaxSize', "it is batch: { size: 100, wait: '200ms' }"],
  ['tlsEnable', 'it is tls'],
  ['corePoolSize', NO_THREADS],
  ['maximumPoolSize', NO_THREADS],
  ['keepAliveTime', NO_THREADS],
  ['keepAliveTimeUnit', NO_THREADS],
  ['blockingQueueSize', NO_THREADS],
  ['rocketMQTemplateBeanName', 'it is connection, the name of a module'],
]);
