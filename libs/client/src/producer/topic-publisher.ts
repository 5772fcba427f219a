import type { TopicRoute } from '../instance/topic-route.ts';
import { sameQueue } from '../message/message-queue.ts';
import type { MessageQueue } from '../message/message.ts';
import { SendTarget } from './send-frame.ts';
import type { SendSettings } from './send-options.ts';

/** The writable queues of a topic as one route has them, ready to be sent to by one group. */
export class TopicPublisher {
  readonly route: TopicRoute;
  readonly targets: readonly SendTarget[];
  readonly #group: string;
  readonly #settings: SendSettings;

  constructor(route: TopicRoute, group: string, settings: SendSettings) {
    this.route = route;
    this.#group = group;
    this.#settings = settings;
    this.targets = route.publishQueues.map((queue) => new SendTarget(queue, group, settings));
  }

  get queues(): readonly MessageQueue[] {
    return this.route.publishQueues;
  }

  /** The target of a queue that a caller chose; the broker has the last word on one that the route doesn't have. */
  targetOf(queue: MessageQueue): SendTarget {
    return (
      this.targets.find((target) => sameQueue(target.queue, queue)) ??
      new SendTarget(queue, this.#group, this.#settings)
    );
  }
}
