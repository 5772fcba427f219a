import {
  hashSelector,
  type MessageQueueSelector,
  type SendOptions as ClientSendOptions,
} from '@nest-rocketmq/client';
import { parseDuration, RocketMQError } from '@nest-rocketmq/runtime';
import type { QueueChoice, QueueSelector, SendOptions } from './send-options.ts';

/**
 * What the client is to be told of the options of a send; the others are in the message.
 * @param ofHashKey chooses the queue of a hash key
 * @throws RocketMQError `INVALID_ARGUMENT` when one is wrong
 */
export function clientOptions(
  { timeout, retries, signal, hashKey, queue }: SendOptions,
  ofHashKey: MessageQueueSelector = hashSelector,
): ClientSendOptions {
  const options: ClientSendOptions = {};
  if (timeout !== undefined) options.timeout = parseDuration(timeout);
  if (retries !== undefined) options.retries = retries;
  if (signal !== undefined) options.signal = signal;
  if (typeof queue === 'function') {
    options.selector = (queues, message) => queue(queues, message, hashKey);
  } else if (queue !== undefined) options.selector = queueSelector(queue, hashKey);
  else if (hashKey !== undefined) {
    options.selector = ofHashKey;
    options.arg = hashKey;
  }
  return options;
}

function queueSelector(
  choice: Exclude<QueueChoice, QueueSelector>,
  hashKey: string | undefined,
): NonNullable<ClientSendOptions['selector']> {
  if (hashKey !== undefined) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      'The options queue and hashKey exclude each other: give one of them',
    );
  }
  const wanted: Partial<Exclude<typeof choice, number>> =
    typeof choice === 'number' ? { queueId: choice } : choice;
  return (queues, { topic }) => {
    const found = queues.find(
      ({ queueId, brokerName }) =>
        queueId === wanted.queueId && (wanted.brokerName === undefined || brokerName === wanted.brokerName),
    );
    if (found) return found;
    const all = queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`).join(', ');
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `Topic ${topic} has no writable queue ${JSON.stringify(choice)}. It has ${all}`,
    );
  };
}
