import { RocketMQError } from '@nest-rocketmq/runtime';

/** Where a message goes: rocketmq-spring's `topic` or `topic:tag`, taken apart. */
export interface ParsedDestination {
  readonly topic: string;
  /** Undefined when there is none, also for `topic:`. */
  readonly tag: string | undefined;
}

/**
 * Splits a destination at its first colon, as `RocketMQTemplate` of rocketmq-spring does.
 * @throws RocketMQError `INVALID_ARGUMENT` when it names no topic
 */
export function parseDestination(destination: string): ParsedDestination {
  const colon = typeof destination === 'string' ? destination.indexOf(':') : 0;
  if (colon === 0 || destination === '') {
    const given = JSON.stringify(destination) ?? typeof destination;
    throw new RocketMQError('INVALID_ARGUMENT', `Not a destination: ${given}. Give 'topic' or 'topic:tag'`);
  }
  if (colon < 0) return { topic: destination, tag: undefined };
  return { topic: destination.slice(0, colon), tag: destination.slice(colon + 1) || undefined };
}
