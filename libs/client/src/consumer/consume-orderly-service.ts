import type { Scheduled } from '@nest-rocketmq/runtime';
import type { MessageExt } from '../message/message.ts';
import type { ReceivedMessage } from '../message/received-message.ts';
import {
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  type MessageListenerOrderly,
} from './consumer-types.ts';
import type { ConsumeCounters } from './consume-counters.ts';
import type { ConsumeService } from './consume-service.ts';
import type { MessageReturner } from './message-returner.ts';
import type { ProcessQueue } from './process-queue.ts';
import type { PushGroup } from './push-group.ts';
import type { QueueLocker } from './queue-locker.ts';
import { RunningCalls } from './running-calls.ts';

/** A queue whose lock can't be confirmed is looked at again after so many milliseconds. */
const LOCK_AGAIN_MS = 3000;
/** The bounds of a suspension, in milliseconds. */
const MIN_SUSPEND_MS = 10;
const MAX_SUSPEND_MS = 30_000;

/** What comes after a call: the next one, nothing until more is pulled, or a pause in milliseconds. */
type Next = 'again' | 'nothing' | number;

/**
 * Hands messages to the listener in the order of their queues: one call of a queue at a time, `concurrency` queues at
 * once (`ConsumeMessageOrderlyService`). What fails is tried again in its place, and holds what is behind it.
 */
export class ConsumeOrderlyService implements ConsumeService {
  readonly #group: PushGroup;
  readonly #listener: MessageListenerOrderly;
  readonly #returner: MessageReturner;
  readonly #counters: ConsumeCounters;
  /** Undefined: every member has all queues, there is nothing to lock. */
  readonly #locker: QueueLocker | undefined;
  readonly #running = new RunningCalls();
  #stopped = false;
  #ready: ProcessQueue[] = [];
  /** Queues that have their turn coming, running or waited for. */
  readonly #busy = new Set<ProcessQueue>();
  readonly #calling = new Set<ProcessQueue>();
  readonly #pauses = new Map<ProcessQueue, Scheduled>();
  readonly #idle = new Map<ProcessQueue, () => void>();

  constructor(
    group: PushGroup,
    listener: MessageListenerOrderly,
    returner: MessageReturner,
    counters: ConsumeCounters,
    locker: QueueLocker | undefined,
  ) {
    this.#group = group;
    this.#listener = listener;
    this.#returner = returner;
    this.#counters = counters;
    this.#locker = locker;
  }

  get running(): number {
    return this.#running.count;
  }

  submit(queue: ProcessQueue): void {
    if (this.#isOver(queue) || this.#busy.has(queue)) return;
    this.#busy.add(queue);
    this.#ready.push(queue);
    this.#pump();
  }

  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    this.#ready = [];
    for (const pause of this.#pauses.values()) pause.cancel();
    return this.#running.drain(this.#group.instance.settings.clock, timeoutMs);
  }

  resized(): void {
    this.#pump();
  }

  /** In order a message that takes long holds its queue: sending it back would bring it behind the others. */
  returnStuck(): Promise<void> {
    return Promise.resolve();
  }

  idle(queue: ProcessQueue): Promise<void> {
    if (!this.#calling.has(queue)) return Promise.resolve();
    return new Promise((resolve) => this.#idle.set(queue, resolve));
  }

  #isOver(queue: ProcessQueue): boolean {
    return this.#stopped || queue.dropped || queue.releasing;
  }

  #pump(): void {
    while (!this.#stopped && this.#running.count < this.#group.settings.concurrency) {
      const queue = this.#ready.shift();
      if (!queue) return;
      this.#running.begin();
      void this.#run(queue);
    }
  }

  /** Consumes a queue until it has nothing more, has to wait, or others have their turn. */
  async #run(queue: ProcessQueue): Promise<void> {
    this.#calling.add(queue);
    let next: Next;
    do next = await this.#step(queue);
    while (next === 'again' && this.#ready.length === 0);
    this.#calling.delete(queue);
    this.#idle.get(queue)?.();
    this.#idle.delete(queue);
    this.#running.end();
    if (this.#isOver(queue)) this.#busy.delete(queue);
    else if (typeof next === 'number') this.#pause(queue, next);
    // More may have come between the last look and now.
    else if (next === 'again' || queue.untaken > 0) this.#ready.push(queue);
    else this.#busy.delete(queue);
    this.#pump();
  }

  #pause(queue: ProcessQueue, ms: number): void {
    const pause = this.#group.instance.settings.clock.schedule(ms, () => {
      this.#pauses.delete(queue);
      this.#ready.push(queue);
      this.#pump();
    });
    this.#pauses.set(queue, pause);
  }

  /** One call of the listener. */
  async #step(queue: ProcessQueue): Promise<Next> {
    if (this.#isOver(queue)) return 'nothing';
    const locker = this.#locker;
    if (locker && !locker.isValid(queue)) return (await locker.renewOne(queue)) ? 'again' : LOCK_AGAIN_MS;
    const messages = queue.take(this.#group.settings.consumeMessageBatchMaxSize);
    if (messages.length === 0) return 'nothing';
    const { clock, logger } = this.#group.instance.settings;
    const context = new ConsumeOrderlyContext(queue.queue);
    const startedAt = clock.now();
    for (const message of messages) message.consumeStartedAt = startedAt;
    queue.lastConsumeAt = startedAt;
    let status: ConsumeOrderlyStatus = ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    try {
      status = (await this.#listener(messages as MessageExt[], context)) ?? ConsumeOrderlyStatus.SUCCESS;
    } catch (error) {
      logger.warn(
        `The listener of group ${this.#group.group} failed with message ${messages[0]?.msgId}`,
        error,
      );
    }
    const failed =
      status === ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT ||
      status === ConsumeOrderlyStatus.ROLLBACK;
    this.#counters.consumed(
      queue.queue.topic,
      failed ? 0 : messages.length - context.rejected.size,
      failed ? messages.length : context.rejected.size,
      clock.now() - startedAt,
    );
    return this.#finish(queue, messages, context, status);
  }

  async #finish(
    queue: ProcessQueue,
    messages: ReceivedMessage[],
    context: ConsumeOrderlyContext,
    status: ConsumeOrderlyStatus,
  ): Promise<Next> {
    if (queue.dropped) return 'nothing';
    if (context.left) return this.#suspension(queue, context, messages[0]);
    switch (status) {
      case ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT:
        if (!(await this.#giveUp(queue, messages))) {
          // Those that are dead letters now are not among them.
          return this.#suspension(
            queue,
            context,
            messages.find(({ settled }) => !settled),
          );
        }
        if (context.autoCommit) this.#commit(queue);
        return 'again';
      case ConsumeOrderlyStatus.ROLLBACK:
        if (!context.autoCommit) return this.#suspension(queue, context, undefined);
        break;
      case ConsumeOrderlyStatus.COMMIT:
      case ConsumeOrderlyStatus.SUCCESS:
        break;
    }
    if (!(await this.#reject(messages, context))) return this.#suspension(queue, context, messages[0]);
    if (context.autoCommit || status === ConsumeOrderlyStatus.COMMIT) this.#commit(queue);
    return 'again';
  }

  /** Puts to the dead letters what the listener rejected. @returns false when one could not be */
  async #reject(messages: readonly ReceivedMessage[], context: ConsumeOrderlyContext): Promise<boolean> {
    for (const [index, properties] of context.rejected) {
      const message = messages[index];
      if (message && !(await this.#returner.reject(message, properties))) return false;
    }
    return true;
  }

  /**
   * Puts to the dead letters what was tried too often; what may be tried again counts one try more.
   * @returns whether nothing is left to be tried again
   */
  async #giveUp(queue: ProcessQueue, messages: readonly ReceivedMessage[]): Promise<boolean> {
    const { maxReconsumeTimes } = this.#group.settings;
    const limit = maxReconsumeTimes < 0 ? Infinity : maxReconsumeTimes;
    const done: ReceivedMessage[] = [];
    for (const message of messages) {
      if (message.reconsumeTimes >= limit && (await this.#returner.reject(message, {}))) done.push(message);
      else message.reconsumeTimes++;
    }
    // Of a call with several messages, those that are dead letters now are not handed out again with the others.
    if (done.length > 0 && done.length < messages.length) queue.remove(done);
    return done.length === messages.length;
  }

  #suspension(
    queue: ProcessQueue,
    context: ConsumeOrderlyContext,
    from: ReceivedMessage | undefined,
  ): number {
    queue.putBack(from);
    const asked = context.suspendCurrentQueueTimeMillis;
    const ms = asked < 0 ? this.#group.settings.suspendCurrentQueueTimeMillis : asked;
    return Math.min(Math.max(ms, MIN_SUSPEND_MS), MAX_SUSPEND_MS);
  }

  #commit(queue: ProcessQueue): void {
    if (queue.dropped) return;
    const offset = queue.commitTaken();
    if (offset >= 0) this.#group.offsets.update(queue.queue, offset, true);
  }
}
