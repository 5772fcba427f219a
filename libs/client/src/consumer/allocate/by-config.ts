import type { MessageQueue } from '../../message/message.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** The queues that were configured, whatever other members have. */
export function byConfig(queues: readonly MessageQueue[]): AllocateMessageQueueStrategy {
  return { name: 'CONFIG', allocate: () => [...queues] };
}
