import { printable } from '@nest-rocketmq/runtime';

/** Properties of a dead letter: why, and by which handler. */
export const REJECT_REASON = 'REJECT_REASON';
export const REJECTED_BY = 'REJECTED_BY';

/** What a dead letter says of its end. Bounded: the properties of a message share 32 KiB. */
export function rejection({ reason, by }: { reason: string; by: string }): Record<string, string> {
  return { [REJECT_REASON]: printable(reason, 512).trim() || 'unknown', [REJECTED_BY]: by };
}
