import type { Message } from './message.ts';

/** Whether a message wants to be delivered at a time of its own. */
export function isTimed(message: Message): boolean {
  const { delayTimeSec, delayTimeMs, deliverTimeMs } = message;
  return delayTimeSec !== undefined || delayTimeMs !== undefined || deliverTimeMs !== undefined;
}
