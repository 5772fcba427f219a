import { RocketMQError } from '@nest-rocketmq/runtime';
import { javaHashCode, MixAll, ResponseCode, type SubscriptionData } from '@nest-rocketmq/protocol';
import { ExpressionType, isTagType } from './expression-type.ts';

/**
 * What a group subscribes to, as RocketMQ's `FilterAPI.build` makes it.
 *
 *     expression  tag ("||" tag)*  |  "*"  |  ""
 *
 * Blanks around tags and empty tags are dropped; `*` alone and an empty expression mean every message, which is an
 * empty `tagsSet`. Expressions of another type than `TAG` are taken over as they are. `subVersion` is left at 0: a
 * consumer sets it to the time it subscribed.
 * Throws RocketMQError `INVALID_ARGUMENT` (response code 23, SUBSCRIPTION_PARSE_FAILED) for an expression of separators
 * alone, and for an empty one of another type.
 */
export function buildSubscription(
  topic: string,
  expression: string,
  expressionType?: string,
): SubscriptionData {
  if (isTagType(expressionType)) return tagSubscription(topic, expression);
  if (expression === '') throw invalid(topic, `an empty ${expressionType} expression`);
  return subscription(topic, expression, expressionType ?? ExpressionType.TAG, []);
}

function tagSubscription(topic: string, expression: string): SubscriptionData {
  if (expression === '' || expression === MixAll.SUB_ALL)
    return subscription(topic, MixAll.SUB_ALL, ExpressionType.TAG, []);
  // Java's String.split drops trailing empty parts, so that separators alone leave nothing at all; " " leaves one part.
  if (/^(?:\|\|)+$/.test(expression))
    throw invalid(topic, `"${expression.slice(0, 64)}", which names no tag`);
  const tags = expression
    .split('||')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return subscription(topic, expression, ExpressionType.TAG, [...new Set(tags)]);
}

function subscription(
  topic: string,
  subString: string,
  expressionType: string,
  tags: string[],
): SubscriptionData {
  return {
    topic,
    subString,
    tagsSet: tags,
    codeSet: [...new Set(tags.map(javaHashCode))],
    subVersion: 0,
    expressionType,
    classFilterMode: false,
  };
}

function invalid(topic: string, what: string): RocketMQError {
  return new RocketMQError(
    'INVALID_ARGUMENT',
    `subscription to ${topic}: ${what}; write tags as "a || b", or "*" for all`,
    {
      responseCode: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
    },
  );
}
