import { REJECTED_BY, REJECT_REASON } from '@nest-rocketmq/client';
import { printable } from '@nest-rocketmq/runtime';

/** What a dead letter says of its end. Bounded: the properties of a message share 32 KiB. */
export function rejection({ reason, by }: { reason: string; by: string }): Record<string, string> {
  return { [REJECT_REASON]: printable(reason, 512).trim() || 'unknown', [REJECTED_BY]: by };
}
