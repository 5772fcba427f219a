import type { ConsumerOptions } from '../module/connection.ts';
import type { GroupPlan } from './group-plan.ts';

/** Messages that may be held here at most, running or waiting, where it is decided here whose turn it is. */
const MAX_HELD = 1000;

/** A time that doesn't pass, in milliseconds: calls are given up on here, by when they began and not by when they came. */
const NEVER_MS = 0x7fff_ffff;

/** How many messages the consumer of a group is to hand over at the same time. */
export function consumerConcurrency(plan: GroupPlan, concurrency: number): number {
  return plan.isShared ? Math.max(MAX_HELD, concurrency) : concurrency;
}

/** What the consumer of a group is made with. */
export function consumerSettings(plan: GroupPlan, concurrency: number): ConsumerOptions {
  const { settings } = plan;
  const given = {
    group: plan.consumerGroup,
    concurrency: consumerConcurrency(plan, concurrency),
    consumeMessageBatchMaxSize: 1,
    lockQueues: plan.lanes ? true : undefined,
    maxReconsumeTimes: plan.maxReconsumeTimes,
    messageModel: settings.messageModel,
    consumeFromWhere: settings.consumeFromWhere,
    consumeTimestamp: settings.consumeTimestamp,
    pullBatchSize: settings.pullBatchSize,
    pullInterval: settings.pullInterval,
    clientRebalance: settings.clientRebalance,
    popInvisibleTime: settings.popInvisibleTime,
    consumeTimeout: plan.isShared ? NEVER_MS : settings.consumeTimeout,
    suspendCurrentQueueTimeMillis: settings.suspendCurrentQueueTime,
    enableMsgTrace: settings.enableMsgTrace,
    customizedTraceTopic: settings.customizedTraceTopic,
    instanceName: settings.instanceName,
    nameServer: settings.nameServer,
    accessKey: settings.accessKey,
    secretKey: settings.secretKey,
    useTLS: settings.tls,
    namespace: settings.namespace,
    namespaceV2: settings.namespaceV2,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as ConsumerOptions;
}
