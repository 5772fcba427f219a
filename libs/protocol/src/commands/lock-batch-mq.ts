/*
 * LOCK_BATCH_MQ (41), client to broker
 *   body     of the request LockBatchRequestBody, of the answer LockBatchResponseBody
 * UNLOCK_BATCH_MQ (42), client to broker, usually one-way
 *   body     of the request: UnlockBatchRequestBody
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, type EmptyHeader } from './header-codec.ts';

/** The request carries no fields. */
export type LockBatchMqRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type LockBatchMqResponseHeader = EmptyHeader;

/** Locks queues for ordered consumption. */
export const LockBatchMq = command(RequestCode.LOCK_BATCH_MQ, 'LockBatchMq', emptyHeader);

/** The request carries no fields. */
export type UnlockBatchMqRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type UnlockBatchMqResponseHeader = EmptyHeader;

/** Gives locked queues back. */
export const UnlockBatchMq = command(RequestCode.UNLOCK_BATCH_MQ, 'UnlockBatchMq', emptyHeader);
