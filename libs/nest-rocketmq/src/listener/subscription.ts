import { MessageSelector } from '@nest-rocketmq/client';

/** All tags of a topic. */
export const ALL_TAGS = '*';

/**
 * The tags of an expression such as `created || paid`; `['*']` when it takes all. The rules are those of RocketMQ's
 * `FilterAPI`: blank is all, blanks around a tag don't count.
 */
export function tagsOf(expression: string | readonly string[] | undefined): string[] {
  const parts = (typeof expression === 'string' ? expression.split('||') : (expression ?? [])).map((tag) =>
    tag.trim(),
  );
  const tags = [...new Set(parts.filter((tag) => tag !== ''))];
  return tags.length === 0 || tags.includes(ALL_TAGS) ? [ALL_TAGS] : tags;
}

/**
 * Which of a group's handlers takes a message: by topic, then by tag, then the handler for all tags of the topic. A topic
 * that is subscribed to by SQL92 has one handler: a group has one subscription of a topic.
 */
export class Routes<H> {
  readonly #topics = new Map<string, Map<string, H>>();
  /** Of the topics that are not subscribed to by tags. */
  readonly #selectors = new Map<string, MessageSelector>();

  /** @returns the handler that has this topic already, if one has; nothing is changed then */
  addSql(topic: string, expression: string, handler: H): H | undefined {
    const [taken] = this.#topics.get(topic)?.values() ?? [];
    if (taken !== undefined) return taken;
    this.#topics.set(topic, new Map([[ALL_TAGS, handler]]));
    this.#selectors.set(topic, MessageSelector.bySql(expression));
    return undefined;
  }

  /** @returns the handler that has this topic and tag already, if one has; nothing is changed then */
  add(topic: string, tag: string, handler: H): H | undefined {
    const tags = this.#topics.get(topic) ?? new Map<string, H>();
    const taken = this.#selectors.has(topic) ? tags.get(ALL_TAGS) : tags.get(tag);
    if (taken !== undefined) return taken;
    this.#topics.set(topic, tags.set(tag, handler));
    return undefined;
  }

  /** A message's tag is not looked at where all go to one handler. */
  find(message: { readonly topic: string; readonly tags: string | undefined }): H | undefined {
    const handlers = this.#topics.get(message.topic);
    const ofAll = handlers?.get(ALL_TAGS);
    if (!handlers || (ofAll !== undefined && handlers.size === 1)) return ofAll;
    const tag = message.tags;
    return (tag === undefined ? undefined : handlers.get(tag)) ?? ofAll;
  }

  /** Topic to what is taken of it, as text. */
  expressions(): [topic: string, expression: string][] {
    return [...this.subscription()].map(([topic, selector]) => [
      topic,
      typeof selector === 'string' ? selector : selector.expression,
    ]);
  }

  /** Topic to what is taken of it: the union of all handlers' tags, or an SQL92 expression. */
  subscription(): Map<string, string | MessageSelector> {
    const subscription = new Map<string, string | MessageSelector>();
    for (const [topic, tags] of this.#topics) {
      const expression = tags.has(ALL_TAGS) ? ALL_TAGS : [...tags.keys()].toSorted().join(' || ');
      subscription.set(topic, this.#selectors.get(topic) ?? expression);
    }
    return subscription;
  }
}
