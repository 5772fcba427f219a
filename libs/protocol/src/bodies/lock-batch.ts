import { boolean, list, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';
import { messageQueue } from './message-queue.ts';

const lockBatchRequestBody = record({
  consumerGroup: string(),
  clientId: string(),
  onlyThisBroker: boolean(),
  mqSet: list(messageQueue),
});

/** Which queues a client wants to have for itself. */
export type LockBatchRequestBody = ShapeType<typeof lockBatchRequestBody>;

/** The body of a lock request (41). */
export const LockBatchRequestBody = jsonBody(lockBatchRequestBody, SMALL_BODY);

const lockBatchResponseBody = record({ lockOKMQSet: list(messageQueue) });

/** Which queues it got. */
export type LockBatchResponseBody = ShapeType<typeof lockBatchResponseBody>;

/** The body of a lock answer (41). */
export const LockBatchResponseBody = jsonBody(lockBatchResponseBody);

/** Which queues a client gives back. */
export type UnlockBatchRequestBody = LockBatchRequestBody;

/** The body of an unlock request (42). */
export const UnlockBatchRequestBody = LockBatchRequestBody;
