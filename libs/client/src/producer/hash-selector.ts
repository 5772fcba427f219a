import { javaHashCode } from '@nest-rocketmq/protocol';
import { illegal } from '../message/validators.ts';
import type { MessageQueueSelector } from './send-options.ts';

/**
 * Chooses the queue by Java's `String.hashCode` of the argument, so that TypeScript and Java producers put the same
 * key into the same queue (`SelectMessageQueueByHash`: the modulo first, then its absolute value).
 */
export const hashSelector: MessageQueueSelector = (queues, message, arg) => {
  const queue = queues[Math.abs(javaHashCode(String(arg)) % queues.length)];
  if (!queue) throw illegal(`The topic ${message.topic} has no queue to choose from`);
  return queue;
};
