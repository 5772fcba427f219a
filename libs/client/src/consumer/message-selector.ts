import { ExpressionType } from '@nest-rocketmq/filter';

/** Which messages of a topic a consumer takes, and how that is written. */
export interface MessageSelector {
  /** `TAG` or `SQL92`. */
  readonly type: string;
  readonly expression: string;
}

/** Makes selectors for `subscribe` (RocketMQ's `MessageSelector`). */
export const MessageSelector = {
  /** By tags: `created || paid`; `*` or nothing takes all. */
  byTag(expression = '*'): MessageSelector {
    return { type: ExpressionType.TAG, expression };
  },

  /**
   * By the messages' properties: `price > 5 AND region IN ('eu', 'us')`. The brokers decide, and need
   * `enablePropertyFilter=true` for it, which is not their default.
   */
  bySql(expression: string): MessageSelector {
    return { type: ExpressionType.SQL92, expression };
  },
};

/** The selector that `subscribe` was given: one, or a tag expression. */
export function selectorOf(selector: string | MessageSelector): MessageSelector {
  return typeof selector === 'string' ? MessageSelector.byTag(selector) : selector;
}
