import type { RequestHook } from '../instance/request-hook.ts';
import type { TopicRoute } from '../instance/topic-route.ts';
import { sameQueue } from '../message/message-queue.ts';
import type { MessageQueue } from '../message/message.ts';
import { withoutNamespace } from '../namespace/namespace.ts';
import { SendTarget } from './send-frame.ts';
import type { SendSettings } from './send-options.ts';

/** The writable queues of a topic as one route has them, ready to be sent to by one group. */
export class TopicPublisher {
  readonly route: TopicRoute;
  readonly targets: readonly SendTarget[];
  /** As the application knows them: without the namespace. */
  readonly queues: readonly MessageQueue[];
  readonly #group: string;
  readonly #settings: SendSettings;
  readonly #hook: RequestHook | undefined;

  /** @param hook completes requests before they are sent */
  constructor(route: TopicRoute, group: string, settings: SendSettings, hook: RequestHook | undefined) {
    this.route = route;
    this.#group = group;
    this.#settings = settings;
    this.#hook = hook;
    const { namespace } = settings;
    this.queues =
      namespace === ''
        ? route.publishQueues
        : route.publishQueues.map((queue) => ({ ...queue, topic: withoutNamespace(namespace, queue.topic) }));
    this.targets = this.queues.map((queue) => this.#target(queue));
  }

  /** The target of a queue that a caller chose; the broker has the last word on one that the route doesn't have. */
  targetOf(queue: MessageQueue): SendTarget {
    return this.targets.find((target) => sameQueue(target.queue, queue)) ?? this.#target(queue);
  }

  #target(queue: MessageQueue): SendTarget {
    return new SendTarget(queue, this.#group, this.#settings, this.#hook);
  }
}
