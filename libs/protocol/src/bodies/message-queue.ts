import { RocketMQError } from '@nest-rocketmq/runtime';
import type { JsonValue } from '../json/json-value.ts';
import { parseJson } from '../json/parse-json.ts';
import { integer, record, string, type Shape } from '../json/shape.ts';

/** One queue of a topic on one broker. */
export interface MessageQueue {
  topic: string;
  brokerName: string;
  queueId: number;
}

/** A value that belongs to a queue. */
export interface QueueEntry<T> {
  queue: MessageQueue;
  value: T;
}

/** A queue where it stands in a list. */
export const messageQueue: Shape<MessageQueue> = record({
  topic: string(),
  brokerName: string(),
  queueId: integer(),
});

const KEY_LIMITS = { maxBytes: 4096, maxDepth: 2, maxValues: 16 };

/**
 * An object whose keys are queues. Java writes the queue itself as the key, other writers its JSON text as a string;
 * both are read, the first is written.
 */
export function queueMapOf<T>(item: Shape<T>): Shape<QueueEntry<T>[]> {
  return {
    decode(value: JsonValue | undefined, at) {
      if (value === undefined || value === null) return [];
      if (!(value instanceof Map)) throw new RocketMQError('PROTOCOL', `JSON: ${at} is not an object`);
      return [...value].map(([key, member]) => ({
        queue: messageQueue.decode(parseJson(key, KEY_LIMITS), `a key of ${at}`),
        value: item.decode(member, `${at}.*`),
      }));
    },
    encode: (entries) =>
      new Map(entries.map(({ queue, value }) => [messageQueue.encode(queue), item.encode(value)])),
  };
}

/** A text that is the same for equal queues and different for others, to key maps by. */
export function queueKey(queue: MessageQueue): string {
  return `${queue.topic}@${queue.brokerName}@${queue.queueId}`;
}

/** The order Java's `MessageQueue.compareTo` puts queues in: topic, broker name, queue id. */
export function compareQueues(a: MessageQueue, b: MessageQueue): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  if (a.brokerName !== b.brokerName) return a.brokerName < b.brokerName ? -1 : 1;
  return a.queueId - b.queueId;
}
