import { MixAll, type SubscriptionData } from '@nest-rocketmq/protocol';
import { isTagType } from './expression-type.ts';

/**
 * Whether a message with that tags code (the hash in its consume queue entry) may be wanted: the broker's check, as
 * Java's `ExpressionMessageFilter` has it. Hashes collide, so the consumer checks the tag itself with
 * {@link matchesTag}. A message without tag has the code 0. Expressions of another type than `TAG` let everything pass
 * here: they are decided by the message's properties.
 */
export function matchesTagsCode(subscription: SubscriptionData, tagsCode: number): boolean {
  if (!isTagType(subscription.expressionType) || subscription.classFilterMode) return true;
  return isSubAll(subscription.subString) || subscription.codeSet.includes(tagsCode | 0);
}

/**
 * Whether a message with that tag is wanted: the consumer's check, as Java's `PullAPIWrapper` has it. Without tags in
 * the subscription everything is; with some, a message without tag is not.
 */
export function matchesTag(subscription: SubscriptionData, tag: string | undefined): boolean {
  if (subscription.tagsSet.length === 0 || subscription.classFilterMode) return true;
  return tag !== undefined && subscription.tagsSet.includes(tag);
}

function isSubAll(subString: string): boolean {
  return subString === '' || subString === MixAll.SUB_ALL;
}
