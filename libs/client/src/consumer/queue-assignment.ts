import { queueKey } from '@nest-rocketmq/protocol';
import type { MessageQueue } from '../message/message.ts';
import type { ConsumeService } from './consume-service.ts';
import { initialOffset } from './initial-offset.ts';
import { ProcessQueue } from './process-queue.ts';
import { PullLoop } from './pull-loop.ts';
import { queueText, type PushGroup } from './push-group.ts';

/** A queue that is ours and hasn't been pulled for so long is begun with anew, in milliseconds. */
const PULL_EXPIRED_MS = 120_000;

/** The queues that are ours, each with its process queue and its pull loop (`RebalancePushImpl`). */
export class QueueAssignment {
  readonly #group: PushGroup;
  readonly #consume: ConsumeService;
  readonly #onChange: () => void;
  readonly #loops = new Map<ProcessQueue, { loop: PullLoop; done: Promise<void> }>();
  #stopped = false;

  /** @param onChange called when a queue was given up by itself, so that queues are shared anew */
  constructor(group: PushGroup, consume: ConsumeService, onChange: () => void) {
    this.#group = group;
    this.#consume = consume;
    this.#onChange = onChange;
  }

  /**
   * Makes `queues` the ones of the topic that are ours: drops the others, begins with new ones.
   * @returns false when the offset of a new one could not be told: it is left for the next time
   */
  async assign(topic: string, queues: readonly MessageQueue[]): Promise<boolean> {
    const { instance } = this.#group;
    const wanted = new Set(queues.map(queueKey));
    const expired = instance.settings.clock.now() - PULL_EXPIRED_MS;
    for (const [key, queue] of this.#group.queues) {
      if (queue.queue.topic !== topic) continue;
      const stale = this.#group.gate.isOpen && queue.lastPullAt < expired;
      if (!wanted.has(key) || stale) await this.drop(queue);
    }
    let complete = true;
    for (const queue of queues) {
      if (this.#stopped) return true;
      if (this.#group.queues.has(queueKey(queue))) continue;
      if (!(await this.#begin(queue))) complete = false;
    }
    return complete;
  }

  /** Gives a queue up: stores its offset, and no result of its messages counts any more. */
  async drop(queue: ProcessQueue): Promise<void> {
    queue.dropped = true;
    this.#group.queues.delete(queueKey(queue.queue));
    this.#loops.get(queue)?.loop.stop();
    this.#loops.delete(queue);
    await this.#group.offsets.persist([queue.queue]);
    this.#group.offsets.forget(queue.queue);
    this.#group.instance.settings.logger.debug(`${queueText(queue.queue)} is not ours any more`);
  }

  /** Drops the queues of topics that are not subscribed any more. */
  async dropUnsubscribed(): Promise<void> {
    for (const queue of this.#group.queues.values()) {
      if (!this.#group.subscriptions.has(queue.queue.topic)) await this.drop(queue);
    }
  }

  /** Stops pulling. The queues stay ours, so that results of what is being consumed still count. */
  async stopPulling(): Promise<void> {
    this.#stopped = true;
    for (const { loop } of this.#loops.values()) loop.stop();
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
    this.#loops.clear();
  }

  async #begin(messageQueue: MessageQueue): Promise<boolean> {
    const { instance, offsets, queues } = this.#group;
    let offset: number;
    try {
      // What is in memory may be of the time before the queue was another's.
      if (this.#group.retryTopic !== undefined) offsets.forget(messageQueue);
      offset = await initialOffset(this.#group, messageQueue);
    } catch (error) {
      instance.settings.logger.warn(
        `Where to begin with ${queueText(messageQueue)} can't be told, it is tried again`,
        error,
      );
      return false;
    }
    if (this.#stopped) return true;
    const queue = new ProcessQueue(messageQueue, instance.settings.clock.now());
    queues.set(queueKey(messageQueue), queue);
    const loop = new PullLoop(this.#group, queue, offset, {
      onMessages: (from, messages) => this.#consume.submit(from, messages),
      onOffsetMoved: (from, moved) => void this.#offsetMoved(from, moved),
    });
    this.#loops.set(queue, { loop, done: loop.run() });
    instance.settings.logger.debug(`${queueText(messageQueue)} is ours now, from offset ${offset} on`);
    return true;
  }

  async #offsetMoved(queue: ProcessQueue, offset: number): Promise<void> {
    this.#group.instance.settings.logger.warn(
      `The offset of ${queueText(queue.queue)} is moved to ${offset} by its broker`,
    );
    this.#group.offsets.update(queue.queue, offset, false);
    await this.drop(queue);
    this.#onChange();
  }
}
