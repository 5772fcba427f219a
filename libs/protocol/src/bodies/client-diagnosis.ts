import {
  boolean,
  double,
  integer,
  list,
  mapOf,
  maybe,
  record,
  string,
  type ShapeType,
} from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { queueMapOf } from './message-queue.ts';
import { subscriptionData } from './subscription-data.ts';

const processQueueInfo = record({
  commitOffset: integer(),
  cachedMsgMinOffset: integer(),
  cachedMsgMaxOffset: integer(),
  cachedMsgCount: integer(),
  cachedMsgSizeInMiB: integer(),
  transactionMsgMinOffset: integer(),
  transactionMsgMaxOffset: integer(),
  transactionMsgCount: integer(),
  locked: boolean(),
  tryUnlockTimes: integer(),
  lastLockTimestamp: integer(),
  droped: boolean(),
  lastPullTimestamp: integer(),
  lastConsumeTimestamp: integer(),
});

/** What a consumer holds of one queue. */
export type ProcessQueueInfo = ShapeType<typeof processQueueInfo>;

const consumeStatus = record({
  pullRT: double(),
  pullTPS: double(),
  consumeRT: double(),
  consumeOKTPS: double(),
  consumeFailedTPS: double(),
  consumeFailedMsgs: integer(),
});

/** How a consumer does with one topic: times in ms, rates per second. */
export type ConsumeStatus = ShapeType<typeof consumeStatus>;

const consumerRunningInfo = record({
  properties: mapOf(string()),
  subscriptionSet: list(subscriptionData),
  mqTable: queueMapOf(processQueueInfo),
  mqPopTable: queueMapOf(record({ waitAckCount: integer(), droped: boolean(), lastPopTimestamp: integer() })),
  statusTable: mapOf(consumeStatus),
  userConsumerInfo: mapOf(string()),
  jstack: maybe(string()),
});

/** What a consumer does at the moment. */
export type ConsumerRunningInfo = ShapeType<typeof consumerRunningInfo>;

/** The body of a running information answer (307). */
export const ConsumerRunningInfo = jsonBody(consumerRunningInfo);

const consumeMessageDirectlyResult = record({
  order: boolean(),
  autoCommit: boolean(true),
  consumeResult: string(),
  remark: maybe(string()),
  spentTimeMills: integer(),
});

/**
 * What came of consuming one message. `consumeResult`: CR_SUCCESS, CR_LATER, CR_ROLLBACK, CR_COMMIT,
 * CR_THROW_EXCEPTION or CR_RETURN_NULL.
 */
export type ConsumeMessageDirectlyResult = ShapeType<typeof consumeMessageDirectlyResult>;

/** The body of a direct consumption's answer (309). */
export const ConsumeMessageDirectlyResult = jsonBody(consumeMessageDirectlyResult);

const checkClientRequestBody = record({
  clientId: string(),
  group: string(),
  namespace: maybe(string()),
  subscriptionData: maybe(subscriptionData),
});

/** A subscription to be checked. */
export type CheckClientRequestBody = ShapeType<typeof checkClientRequestBody>;

/** The body of a client configuration check (46). */
export const CheckClientRequestBody = jsonBody(checkClientRequestBody);
