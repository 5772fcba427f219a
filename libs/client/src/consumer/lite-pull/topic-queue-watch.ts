import { queueKey } from '@nest-rocketmq/protocol';
import { scheduleEvery, type Clock, type Logger, type Scheduled } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '../../message/message.ts';

/** Told when a topic has other queues than before. */
export type TopicMessageQueueChangeListener = (topic: string, queues: readonly MessageQueue[]) => void;

interface Watched {
  listeners: Set<TopicMessageQueueChangeListener>;
  /** Undefined before they could be had for the first time. */
  known: string | undefined;
}

/** Looks regularly whether topics have other queues than before. */
export class TopicQueueWatch {
  readonly #fetch: (topic: string) => Promise<MessageQueue[]>;
  readonly #logger: Logger;
  readonly #topics = new Map<string, Watched>();
  #timer: Scheduled | undefined;

  constructor(fetch: (topic: string) => Promise<MessageQueue[]>, logger: Logger) {
    this.#fetch = fetch;
    this.#logger = logger;
  }

  add(topic: string, listener: TopicMessageQueueChangeListener): void {
    const watched = this.#topics.get(topic) ?? { listeners: new Set(), known: undefined };
    watched.listeners.add(listener);
    this.#topics.set(topic, watched);
  }

  /** Learns what there is now, without telling, and looks again every `intervalMs`. */
  async start(clock: Clock, intervalMs: number): Promise<void> {
    this.#timer = scheduleEvery(clock, intervalMs, intervalMs, () => void this.look());
    await this.look();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Looks now. */
  async look(): Promise<void> {
    for (const [topic, watched] of this.#topics) {
      try {
        const queues = await this.#fetch(topic);
        const found = queues.map(queueKey).sort().join('\n');
        const changed = watched.known !== undefined && watched.known !== found;
        watched.known = found;
        if (changed) for (const listener of watched.listeners) listener(topic, queues);
      } catch (error) {
        this.#logger.warn(`The queues of topic ${topic} can't be had now, it is tried again`, error);
      }
    }
  }
}
