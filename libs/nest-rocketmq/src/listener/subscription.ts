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

/** Which of a group's handlers takes a message: by topic, then by tag, then the handler for all tags of the topic. */
export class Routes<H> {
  readonly #topics = new Map<string, Map<string, H>>();

  /** @returns the handler that has this topic and tag already, if one has; nothing is changed then */
  add(topic: string, tag: string, handler: H): H | undefined {
    const tags = this.#topics.get(topic) ?? new Map<string, H>();
    const taken = tags.get(tag);
    if (taken !== undefined) return taken;
    this.#topics.set(topic, tags.set(tag, handler));
    return undefined;
  }

  find(topic: string, tag: string | undefined): H | undefined {
    const tags = this.#topics.get(topic);
    return (tag === undefined ? undefined : tags?.get(tag)) ?? tags?.get(ALL_TAGS);
  }

  /** Topic to expression: the union of what all handlers take. */
  subscription(): Map<string, string> {
    const subscription = new Map<string, string>();
    for (const [topic, tags] of this.#topics) {
      subscription.set(topic, tags.has(ALL_TAGS) ? ALL_TAGS : [...tags.keys()].toSorted().join(' || '));
    }
    return subscription;
  }
}
