import { TopicRouteData } from '@nest-rocketmq/protocol';

/** How a route is written: in fastjson's dialect, or as the standard JSON that newer clients want. */
export type RouteDialect = 'fastjson' | 'standard';

/**
 * The bodies of route answers as they go on the wire, by topic and dialect, until the route changes. Only topics that
 * exist have an entry, so the topics bound it.
 */
export class RouteCache {
  readonly #build: (topic: string) => TopicRouteData | undefined;
  readonly #bodies: Record<RouteDialect, Map<string, Buffer>> = { fastjson: new Map(), standard: new Map() };

  constructor(build: (topic: string) => TopicRouteData | undefined) {
    this.#build = build;
  }

  /** The body for a topic, or undefined when it has no route. */
  body(topic: string, dialect: RouteDialect): Buffer | undefined {
    const bodies = this.#bodies[dialect];
    const known = bodies.get(topic);
    if (known) return known;
    const route = this.#build(topic);
    if (!route) return undefined;
    const body = TopicRouteData.encode(route, { standardJson: dialect === 'standard' });
    bodies.set(topic, body);
    return body;
  }

  /** Forgets a topic, or everything. */
  invalidate(topic?: string): void {
    for (const bodies of Object.values(this.#bodies)) {
      if (topic === undefined) bodies.clear();
      else bodies.delete(topic);
    }
  }
}
