import { channel } from 'node:diagnostics_channel';
import type { MessageExt } from '@nest-rocketmq/client';

/** A message that its handler failed with, told on `rocketmq.failure` while the call is under way. */
export interface FailureEvent {
  readonly message: MessageExt;
  readonly connection: string;
  readonly consumerGroup: string;
  /** As `Class.method`. */
  readonly handler: string;
  /** What was thrown. */
  readonly error: unknown;
}

/** Told of what handlers throw: the client only learns what is to become of the message. */
export const failureChannel = channel('rocketmq.failure');
