import type { MessageHandler } from '@nestjs/microservices';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { Routes, tagsOf } from '../listener/subscription.ts';

/** What a pattern's decorator can say beside the pattern: `@EventPattern('order:created', { consumerGroup: 'stock' })`. */
export interface RocketMQPatternExtras {
  /** Default: the server's `consumer.consumerGroup`. */
  consumerGroup?: string;
}

/** A handler of Nest's and the pattern it is for. */
export interface PatternHandler {
  readonly pattern: string;
  readonly handle: MessageHandler;
}

/**
 * Puts the handlers of a server together by consumer group, each by topic and tag.
 * @throws RocketMQError `INVALID_CONFIG` when a pattern names no topic, has no group, or is taken by another one
 */
export function routesOf(
  handlers: ReadonlyMap<string, MessageHandler>,
  defaultGroup: string | undefined,
): Map<string, Routes<PatternHandler>> {
  const groups = new Map<string, Routes<PatternHandler>>();
  for (const [pattern, handle] of handlers) {
    const { consumerGroup = defaultGroup } = (handle.extras ?? {}) as RocketMQPatternExtras;
    if (consumerGroup === undefined) {
      throw invalid(
        `The pattern ${pattern} has no consumer group: give the server consumer.consumerGroup, or the pattern { consumerGroup }`,
      );
    }
    const routes = groups.get(consumerGroup) ?? new Routes<PatternHandler>();
    groups.set(consumerGroup, routes);
    const { topic, tags } = parsePattern(pattern);
    for (const tag of tagsOf(tags)) {
      const taken = routes.add(topic, tag, { pattern, handle });
      if (!taken) continue;
      throw invalid(
        `The patterns ${taken.pattern} and ${pattern} both take tag ${tag} of topic ${topic} in the group ${consumerGroup}: ` +
          'a message goes to one pattern of a group. Give one of them other tags, or another group',
      );
    }
  }
  return groups;
}

function parsePattern(pattern: string): { topic: string; tags: string | undefined } {
  // What is no text is one object in JSON here.
  const colon = pattern.indexOf(':');
  const topic = colon < 0 ? pattern : pattern.slice(0, colon);
  if (topic === '' || pattern.startsWith('{'))
    throw invalid(`The pattern ${pattern} names no topic: give 'topic', 'topic:tag' or 'topic:tag || tag'`);
  return { topic, tags: colon < 0 ? undefined : pattern.slice(colon + 1) };
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', message);
}
