import type { Scheduled } from '@nest-rocketmq/runtime';
import type { MessageExt } from '../message/message.ts';
import type { ReceivedMessage } from '../message/received-message.ts';
import {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  type MessageListenerConcurrently,
  type Redelivery,
} from './consumer-types.ts';
import type { ConsumeCounters } from './consume-counters.ts';
import type { ConsumeService } from './consume-service.ts';
import type { MessageReturner } from './message-returner.ts';
import type { ProcessQueue } from './process-queue.ts';
import type { PushGroup } from './push-group.ts';
import { RunningCalls } from './running-calls.ts';

/** When messages that could not be given back are consumed again, in milliseconds. */
const CONSUME_AGAIN_MS = 5000;
/** Where a message goes that takes longer than the consume time-out, and how many of a queue at a time. */
const STUCK_DELAY_LEVEL = 3;
const STUCK_LIMIT = 16;

/** One call of the listener, from when its messages wait for it. */
interface Call {
  readonly queue: ProcessQueue;
  readonly messages: ReceivedMessage[];
}

/** One that has begun. */
interface Running extends Call {
  readonly context: ConsumeConcurrentlyContext;
  readonly startedAt: number;
}

/**
 * Hands messages to the listener, `concurrency` calls at a time, in the order they were pulled
 * (`ConsumeMessageConcurrentlyService`).
 */
export class ConsumeConcurrentlyService implements ConsumeService {
  readonly #group: PushGroup;
  readonly #listener: MessageListenerConcurrently;
  readonly #returner: MessageReturner;
  readonly #counters: ConsumeCounters;
  #waiting: Call[] = [];
  #next = 0;
  #pumping = false;
  readonly #running = new RunningCalls();
  #stopped = false;
  /** Who waits for the calls of a queue to end. */
  readonly #idle = new Map<ProcessQueue, () => void>();
  /** What is to be consumed again from here. */
  readonly #again = new Set<Scheduled>();

  constructor(
    group: PushGroup,
    listener: MessageListenerConcurrently,
    returner: MessageReturner,
    counters: ConsumeCounters,
  ) {
    this.#group = group;
    this.#listener = listener;
    this.#returner = returner;
    this.#counters = counters;
  }

  /** Listener calls that have begun. */
  get running(): number {
    return this.#running.count;
  }

  /** Takes pulled messages, `consumeMessageBatchMaxSize` for a call. */
  submit(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void {
    if (this.#stopped) return;
    const size = this.#group.settings.consumeMessageBatchMaxSize;
    if (size === 1) {
      for (const message of messages) this.#waiting.push({ queue, messages: [message] });
    } else {
      for (let i = 0; i < messages.length; i += size)
        this.#waiting.push({ queue, messages: messages.slice(i, i + size) });
    }
    this.#pump();
  }

  /**
   * Begins no further call and waits for those that have begun.
   * @returns false when some of them still run after `timeoutMs`; their results don't count then
   */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    this.#waiting = [];
    this.#next = 0;
    for (const timer of this.#again) timer.cancel();
    return this.#running.drain(this.#group.instance.settings.clock, timeoutMs);
  }

  resized(): void {
    this.#pump();
  }

  /** Gives back what is being consumed for longer than the consume time-out, so that it holds its queue no longer. */
  async returnStuck(queue: ProcessQueue): Promise<void> {
    const { settings, instance } = this.#group;
    for (let i = 0; i < STUCK_LIMIT && !queue.dropped; i++) {
      const message = queue.stuckSince(instance.settings.clock.now() - settings.consumeTimeout);
      if (!message || !(await this.#returner.giveBack(message, { delayLevel: STUCK_DELAY_LEVEL }))) return;
      this.#settle(queue, [message]);
    }
  }

  /** Asked for where queues are locked; otherwise what runs concurrently holds nobody up. */
  idle(queue: ProcessQueue): Promise<void> {
    if (queue.calls === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.set(queue, resolve));
  }

  #pump(): void {
    // Calls that end where they begin are followed by the next in the loop below.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#stopped && this.#running.count < this.#group.settings.concurrency) {
        const call = this.#waiting[this.#next];
        if (!call) break;
        this.#next++;
        if (!call.queue.dropped && !call.queue.releasing) this.#begin(call);
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else if (this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
  }

  /** Every message passes here: without an async function, whose own promise nobody would wait for. */
  #begin({ queue, messages }: Call): void {
    this.#running.begin();
    queue.calls++;
    const context = new ConsumeConcurrentlyContext(queue.queue);
    const startedAt = this.#group.instance.settings.clock.now();
    for (const message of messages) message.consumeStartedAt = startedAt;
    queue.lastConsumeAt = startedAt;
    const call: Running = { queue, messages, context, startedAt };
    let returned: ReturnType<MessageListenerConcurrently>;
    try {
      returned = this.#listener(messages as MessageExt[], context);
    } catch (error) {
      this.#threw(call, error);
      return;
    }
    if (typeof returned === 'object') {
      Promise.resolve(returned).then(
        (status) => this.#returned(call, status),
        (error: unknown) => this.#threw(call, error),
      );
    } else {
      this.#returned(call, returned);
    }
  }

  #returned(call: Running, returned: ConsumeConcurrentlyStatus | void): void {
    call.context.whenDone(returned, (status) =>
      this.#ended(call, failures(call.messages.length, call.context, status)),
    );
  }

  #threw(call: Running, error: unknown): void {
    const { messages, context } = call;
    this.#group.instance.settings.logger.warn(
      `The listener of group ${this.#group.group} failed with message ${messages[0]?.msgId}`,
      error,
    );
    this.#ended(call, failures(messages.length, context, ConsumeConcurrentlyStatus.RECONSUME_LATER));
  }

  #ended({ queue, messages, context, startedAt }: Running, failed: ReadonlyMap<number, Redelivery>): void {
    const { left } = context;
    if (!left) {
      const now = this.#group.instance.settings.clock.now();
      const ok = messages.length - failed.size;
      this.#counters.consumed(queue.queue.topic, ok, failed.size, now - startedAt, now);
    }
    if (!queue.dropped) {
      if (left) {
        this.#submitLater(queue, messages);
      } else if (failed.size > 0) {
        void this.#finish(queue, messages, failed).finally(() => this.#over(queue));
        return;
      } else {
        this.#settle(queue, messages);
      }
    }
    this.#over(queue);
  }

  #over(queue: ProcessQueue): void {
    this.#running.end();
    if (--queue.calls === 0) {
      this.#idle.get(queue)?.();
      this.#idle.delete(queue);
    }
    this.#pump();
  }

  async #finish(
    queue: ProcessQueue,
    messages: ReceivedMessage[],
    failed: ReadonlyMap<number, Redelivery>,
  ): Promise<void> {
    const done: ReceivedMessage[] = [];
    const again: ReceivedMessage[] = [];
    for (const [index, message] of messages.entries()) {
      const redelivery = failed.get(index);
      // A message that took too long may have been given back meanwhile.
      if (!redelivery || message.settled || (await this.#giveBack(message, redelivery))) done.push(message);
      else again.push(message);
    }
    this.#settle(queue, done);
    if (again.length > 0) this.#consumeAgain(queue, again);
  }

  async #giveBack(message: ReceivedMessage, redelivery: Redelivery): Promise<boolean> {
    if (this.#group.retryTopic !== undefined) return this.#returner.giveBack(message, redelivery);
    // Broadcasting: nobody keeps track of single messages, so there is no second try.
    this.#group.instance.settings.logger.warn(
      `Message ${message.msgId} was not consumed; broadcasting drops it`,
    );
    return true;
  }

  #consumeAgain(queue: ProcessQueue, messages: ReceivedMessage[]): void {
    for (const message of messages) message.reconsumeTimes++;
    this.#submitLater(queue, messages);
  }

  #submitLater(queue: ProcessQueue, messages: ReceivedMessage[]): void {
    for (const message of messages) message.consumeStartedAt = 0;
    if (this.#stopped) return;
    const timer = this.#group.instance.settings.clock.schedule(CONSUME_AGAIN_MS, () => {
      this.#again.delete(timer);
      this.submit(queue, messages);
    });
    this.#again.add(timer);
  }

  #settle(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void {
    const offset = queue.remove(messages);
    if (offset >= 0 && !queue.dropped) this.#group.offsets.update(queue.queue, offset, true);
  }
}

/** What nearly every call ends with. */
const NONE: ReadonlyMap<number, Redelivery> = new Map();

/** Which messages of a call come again, by index. */
export function failures(
  size: number,
  context: ConsumeConcurrentlyContext,
  status: ConsumeConcurrentlyStatus,
): ReadonlyMap<number, Redelivery> {
  const { redeliveries } = context;
  if (
    status === ConsumeConcurrentlyStatus.CONSUME_SUCCESS &&
    redeliveries.size === 0 &&
    context.ackIndex >= size - 1
  )
    return NONE;
  const failed = new Map<number, Redelivery>();
  const acked = status === ConsumeConcurrentlyStatus.CONSUME_SUCCESS ? context.ackIndex : -1;
  for (let index = 0; index < size; index++) {
    if (index > acked) failed.set(index, { delayLevel: context.delayLevelWhenNextConsume });
    const single = redeliveries.get(index);
    if (single) failed.set(index, single);
  }
  return failed;
}
