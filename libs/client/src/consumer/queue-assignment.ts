import { queueKey, type QueueEntry } from '@nest-rocketmq/protocol';
import type { MessageQueue } from '../message/message.ts';
import type { ReceivedMessage } from '../message/received-message.ts';
import { queueText, type ConsumerGroup } from './consumer-group.ts';
import { initialOffset } from './initial-offset.ts';
import { ProcessQueue } from './process-queue.ts';
import { PullLoop } from './pull-loop.ts';

/** A queue that is ours and hasn't been pulled for so long is begun with anew, in milliseconds. */
const PULL_EXPIRED_MS = 120_000;

/** What the consumer does with its queues. */
export interface AssignmentListener {
  /** Messages to consume; they are in the process queue already. */
  onMessages(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void;
  /** A queue was given up by itself: they are to be shared anew. */
  onChange(): void;
  /**
   * Called before a queue is begun with. @returns since when it is locked, 0 without a lock; undefined when it can't
   * be begun with now
   */
  acquire?(queue: MessageQueue): Promise<number | undefined>;
  /**
   * Called when a queue is given up, in place of storing its offset at once; the results of what is being consumed
   * count until it says otherwise.
   */
  release?(queue: ProcessQueue): void;
}

/** The queues that are ours, each with its process queue and its pull loop (`RebalancePushImpl`). */
export class QueueAssignment {
  readonly #group: ConsumerGroup;
  readonly #listener: AssignmentListener;
  readonly #loops = new Map<ProcessQueue, { loop: PullLoop; done: Promise<void> }>();
  /** Where queues are begun with anew that were moved. */
  readonly #moved = new Map<string, QueueEntry<number>>();
  #stopped = false;

  constructor(group: ConsumerGroup, listener: AssignmentListener) {
    this.#group = group;
    this.#listener = listener;
  }

  /**
   * Makes `queues` the ones of the topic that are ours: drops the others, begins with new ones.
   * @returns false when a new one could not be begun with: it is left for the next time
   */
  async assign(topic: string, queues: readonly MessageQueue[]): Promise<boolean> {
    const { instance } = this.#group;
    const wanted = new Set(queues.map(queueKey));
    for (const [key, { queue }] of this.#moved) {
      // Whoever has it now goes on by what is stored, and so do we when it comes back.
      if (queue.topic === topic && !wanted.has(key)) this.#moved.delete(key);
    }
    const expired = instance.settings.clock.now() - PULL_EXPIRED_MS;
    for (const [key, queue] of this.#group.queues) {
      if (queue.queue.topic !== topic) continue;
      const stale = this.#group.gateOf(queue).isOpen && queue.lastPullAt < expired;
      if (!wanted.has(key)) await this.release(queue);
      else if (stale) await this.drop(queue);
    }
    let complete = true;
    for (const queue of queues) {
      if (this.#stopped) return true;
      if (this.#group.queues.has(queueKey(queue))) continue;
      if (!(await this.#begin(queue))) complete = false;
    }
    return complete;
  }

  /** Gives a queue up that is another's now: in order, what has begun may end first. */
  async release(queue: ProcessQueue): Promise<void> {
    if (!this.#listener.release) return this.drop(queue);
    queue.releasing = true;
    this.#stopLoop(queue);
    this.#group.queues.delete(queueKey(queue.queue));
    this.#listener.release(queue);
  }

  /**
   * Gives a queue up: no result of its messages counts any more. It is begun with anew when that is done, and not before.
   * @param store whether its offset is stored, as it is known now
   */
  async drop(queue: ProcessQueue, store = true): Promise<void> {
    const { queues, offsets, instance } = this.#group;
    this.#end(queue);
    try {
      if (store) await offsets.persist([queue.queue]);
    } catch (error) {
      // Begun with anew all the same: only a broadcasting consumer's file can fail, which knows its offsets without it.
      instance.settings.logger.error(`The offset of ${queueText(queue.queue)} could not be stored`, error);
    }
    // Meanwhile it may have been given up, or moved, by somebody else.
    if (queues.get(queueKey(queue.queue)) !== queue) return;
    queues.delete(queueKey(queue.queue));
    offsets.forget(queue.queue);
    this.#listener.release?.(queue);
    instance.settings.logger.debug(`${queueText(queue.queue)} is not ours any more`);
  }

  /**
   * Gives those of the queues up that are ours, to begin with them anew at other offsets. These are stored, but not asked for then: a pull
   * that is under way carries the offset from before, and a broker with threads may store that one last.
   */
  async move(offsets: readonly QueueEntry<number>[]): Promise<void> {
    const ended: ProcessQueue[] = [];
    // All of them at once: none may pull, or be told of what it pulled, while another one's offset is stored.
    for (const moved of offsets) {
      const key = queueKey(moved.queue);
      const queue = this.#group.queues.get(key);
      if (!queue) continue;
      this.#end(queue);
      this.#group.offsets.update(queue.queue, moved.value, false);
      this.#moved.set(key, moved);
      ended.push(queue);
    }
    await Promise.all(ended.map((queue) => this.drop(queue)));
  }

  /**
   * Goes on with a queue at another offset; what of it waits here is forgotten.
   * @param prepare called with what it is from now on, before it is pulled
   */
  restart(queue: ProcessQueue, offset: number, prepare: (fresh: ProcessQueue) => void): void {
    this.#end(queue);
    this.#moved.delete(queueKey(queue.queue));
    if (!this.#stopped) this.#run(queue.queue, offset, queue.lockedAt, prepare);
  }

  /** Drops the queues of topics that are not subscribed any more. */
  async dropUnsubscribed(): Promise<void> {
    for (const queue of this.#group.queues.values()) {
      if (!this.#group.subscriptions.has(queue.queue.topic)) await this.release(queue);
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
    const { instance, offsets } = this.#group;
    let offset: number;
    let lockedAt: number | undefined = 0;
    try {
      if (this.#listener.acquire) lockedAt = await this.#listener.acquire(messageQueue);
      if (lockedAt === undefined) return false;
      // What is in memory may be of the time before the queue was another's.
      if (this.#group.clustering) offsets.forget(messageQueue);
      offset = this.#takeMoved(messageQueue) ?? (await initialOffset(this.#group, messageQueue));
    } catch (error) {
      instance.settings.logger.warn(
        `Where to begin with ${queueText(messageQueue)} can't be told, it is tried again`,
        error,
      );
      return false;
    }
    if (!this.#stopped) this.#run(messageQueue, offset, lockedAt);
    return true;
  }

  #takeMoved(messageQueue: MessageQueue): number | undefined {
    const key = queueKey(messageQueue);
    const offset = this.#moved.get(key)?.value;
    this.#moved.delete(key);
    if (offset !== undefined) this.#group.offsets.update(messageQueue, offset, false);
    return offset;
  }

  #run(
    messageQueue: MessageQueue,
    offset: number,
    lockedAt: number,
    prepare?: (fresh: ProcessQueue) => void,
  ): void {
    const { instance, queues } = this.#group;
    const queue = new ProcessQueue(messageQueue, instance.settings.clock.now());
    queue.lockedAt = lockedAt;
    queues.set(queueKey(messageQueue), queue);
    prepare?.(queue);
    const loop = new PullLoop(this.#group, queue, offset, {
      onMessages: (from, messages) => this.#listener.onMessages(from, messages),
      onOffsetMoved: (from, moved) => void this.#offsetMoved(from, moved),
    });
    this.#loops.set(queue, { loop, done: loop.run() });
    instance.settings.logger.debug(`${queueText(messageQueue)} is ours now, from offset ${offset} on`);
  }

  /** From here on nothing of it is pulled, and no result counts. */
  #end(queue: ProcessQueue): void {
    queue.dropped = true;
    this.#stopLoop(queue);
  }

  #stopLoop(queue: ProcessQueue): void {
    this.#loops.get(queue)?.loop.stop();
    this.#loops.delete(queue);
  }

  async #offsetMoved(queue: ProcessQueue, offset: number): Promise<void> {
    this.#group.instance.settings.logger.warn(
      `The offset of ${queueText(queue.queue)} is moved to ${offset} by its broker`,
    );
    await this.move([{ queue: queue.queue, value: offset }]);
    this.#listener.onChange();
  }
}
