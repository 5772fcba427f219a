import type { ConsumerRunningInfo, ProcessQueueInfo } from '@nest-rocketmq/protocol';
import { MQVersion, versionName } from '@nest-rocketmq/protocol';
import type { ConsumeCounters, ConsumeRates } from './consume-counters.ts';
import type { ProcessQueue } from './process-queue.ts';
import type { ConsumerGroup } from './consumer-group.ts';

/** What kind of consumer it is. */
export interface ConsumerKind {
  consumeType: 'CONSUME_PASSIVELY' | 'CONSUME_ACTIVELY';
  orderly: boolean;
  /** Listener calls at once; 0 without a listener. */
  concurrency: number;
}

const NOTHING_CONSUMED: ConsumeRates = {
  consumeOKTPS: 0,
  consumeFailedTPS: 0,
  consumeRT: 0,
  consumeFailedMsgs: 0,
};

/** What a console shows of a consumer (307): its settings, its queues, how it does (`consumerRunningInfo` of Java). */
export function consumerRunningInfo(
  group: ConsumerGroup,
  type: ConsumerKind,
  counters?: ConsumeCounters,
): ConsumerRunningInfo {
  const { settings, instance } = group;
  const entries = Object.entries(settings)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]): [string, string] => [name, String(value)]);
  return {
    properties: new Map([
      ...entries,
      ['consumerGroup', group.group],
      ['PROP_CLIENT_VERSION', versionName(MQVersion.CURRENT)],
      ['PROP_CONSUMER_START_TIMESTAMP', String(group.startedAt)],
      ['PROP_CONSUME_TYPE', type.consumeType],
      ['PROP_CONSUMEORDERLY', String(type.orderly)],
      ['PROP_NAMESERVER_ADDR', `${instance.nameServers.text};`],
      ['PROP_THREADPOOL_CORE_SIZE', String(type.concurrency)],
    ]),
    subscriptionSet: [...group.subscriptions.values()],
    mqTable: [...group.queues.values()].map((queue) => ({
      queue: queue.queue,
      value: queueInfo(group, queue),
    })),
    mqPopTable: [],
    statusTable: new Map(
      [...group.subscriptions.keys()].map((topic) => [
        topic,
        { pullRT: 0, pullTPS: 0, ...(counters?.rates(topic) ?? NOTHING_CONSUMED) },
      ]),
    ),
    userConsumerInfo: new Map(),
  };
}

function queueInfo(group: ConsumerGroup, queue: ProcessQueue): ProcessQueueInfo {
  return {
    commitOffset: group.offsets.inMemory(queue.queue) ?? -1,
    cachedMsgMinOffset: queue.minOffset ?? 0,
    cachedMsgMaxOffset: queue.minOffset === undefined ? 0 : queue.maxOffset,
    cachedMsgCount: queue.count,
    cachedMsgSizeInMiB: Math.floor(queue.bytes / (1024 * 1024)),
    transactionMsgMinOffset: 0,
    transactionMsgMaxOffset: 0,
    transactionMsgCount: 0,
    locked: queue.lockedAt > 0,
    tryUnlockTimes: 0,
    lastLockTimestamp: queue.lockedAt,
    droped: queue.dropped,
    lastPullTimestamp: queue.lastPullAt,
    lastConsumeTimestamp: queue.lastConsumeAt,
  };
}
