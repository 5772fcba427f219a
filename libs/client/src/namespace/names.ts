import type { MessageQueue, QueueEntry } from '@nest-rocketmq/protocol';
import { queueWithNamespace, withNamespace, withoutNamespace, withoutNamespaces } from './namespace.ts';

/** The names of a namespace: as brokers know them, and as its application does. Names that are the one already stay it. */
export class Names {
  readonly #namespace: string;

  /** @param namespace empty: none */
  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  stored(name: string): string {
    return withNamespace(this.#namespace, name);
  }

  storedQueue(queue: MessageQueue): MessageQueue {
    return queueWithNamespace(this.#namespace, queue);
  }

  shown(name: string): string {
    return withoutNamespace(this.#namespace, name);
  }

  shownQueues(queues: readonly MessageQueue[]): MessageQueue[] {
    return withoutNamespaces(this.#namespace, queues);
  }

  shownEntries<T>(entries: readonly QueueEntry<T>[]): QueueEntry<T>[] {
    if (this.#namespace === '') return [...entries];
    return entries.map(({ queue, value }) => ({ queue: this.shownQueue(queue), value }));
  }

  shownQueue(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: this.shown(queue.topic) };
  }
}
