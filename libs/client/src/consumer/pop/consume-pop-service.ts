import type { MessageExt } from '../../message/message.ts';
import { failures } from '../consume-concurrently-service.ts';
import type { ConsumeCounters } from '../consume-counters.ts';
import {
  callConcurrently,
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  type MessageListenerConcurrently,
  type Redelivery,
} from '../consumer-types.ts';
import type { MessageReturner } from '../message-returner.ts';
import type { PushGroup } from '../push-group.ts';
import { RunningCalls } from '../running-calls.ts';
import type { PopAcknowledger } from './pop-acknowledger.ts';
import { popRetryDelay } from './pop-delays.ts';
import type { PopProcessQueue } from './pop-process-queue.ts';
import type { PoppedMessage } from './popped-message.ts';

interface Batch {
  readonly queue: PopProcessQueue;
  readonly messages: readonly PoppedMessage[];
}

/** What the service stands on. */
export interface ConsumePopParts {
  readonly listener: MessageListenerConcurrently;
  readonly acknowledger: PopAcknowledger;
  readonly returner: MessageReturner;
  readonly counters: ConsumeCounters;
}

/**
 * Hands popped messages to the listener, `concurrency` calls at a time (`ConsumeMessagePopConcurrentlyService`): what it
 * consumed is acknowledged, what it did not comes again after a while, and after the last try goes to the dead letters.
 */
export class ConsumePopService {
  readonly #group: PushGroup;
  readonly #parts: ConsumePopParts;
  readonly #running = new RunningCalls();
  readonly #settling = new RunningCalls();
  #waiting: Batch[] = [];
  #next = 0;
  #stopped = false;

  constructor(group: PushGroup, parts: ConsumePopParts) {
    this.#group = group;
    this.#parts = parts;
  }

  /** Takes popped messages, `consumeMessageBatchMaxSize` for a call. */
  submit(queue: PopProcessQueue, messages: readonly PoppedMessage[]): void {
    if (this.#stopped) return;
    queue.take(messages.length);
    const size = this.#group.settings.consumeMessageBatchMaxSize;
    for (let i = 0; i < messages.length; i += size)
      this.#waiting.push({ queue, messages: messages.slice(i, i + size) });
    this.#pump();
  }

  /**
   * Begins no further call and waits for those that have begun; the others' messages come again when their time is over.
   * @returns false when some of them still run after `timeoutMs`
   */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    this.#waiting = [];
    this.#next = 0;
    const { clock } = this.#group.instance.settings;
    const drained = await this.#running.drain(clock, timeoutMs);
    return (await this.#settling.drain(clock, timeoutMs)) && drained;
  }

  /** As `ConsumeService.resized`. */
  resized(): void {
    this.#pump();
  }

  #pump(): void {
    while (!this.#stopped && this.#running.count < this.#group.settings.concurrency) {
      const batch = this.#waiting[this.#next];
      if (!batch) break;
      this.#next++;
      if (batch.queue.dropped || this.#isOver(batch)) {
        batch.queue.settle(batch.messages.length);
        continue;
      }
      this.#running.begin();
      void this.#consume(batch);
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else if (this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
  }

  /** Somebody else gets the messages by now. */
  #isOver({ messages }: Batch): boolean {
    const now = this.#group.instance.settings.clock.now();
    return now >= (messages[0]?.visibleAt ?? 0);
  }

  async #consume(batch: Batch): Promise<void> {
    const { queue, messages } = batch;
    const { clock, logger } = this.#group.instance.settings;
    const received = messages.map(({ message }) => message);
    const { topic, brokerName } = queue.queue;
    const queueId = received[0]?.queueId ?? queue.queue.queueId;
    const context = new ConsumeConcurrentlyContext({ topic, brokerName, queueId });
    const startedAt = clock.now();
    for (const message of received) message.consumeStartedAt = startedAt;
    let failed: ReadonlyMap<number, Redelivery>;
    try {
      const status = await callConcurrently(this.#parts.listener, received as MessageExt[], context);
      failed = failures(received.length, context, status);
    } catch (error) {
      logger.warn(
        `The listener of group ${this.#group.group} failed with message ${received[0]?.msgId}`,
        error,
      );
      failed = failures(received.length, context, ConsumeConcurrentlyStatus.RECONSUME_LATER);
    }
    const took = clock.now() - startedAt;
    this.#parts.counters.consumed(topic, received.length - failed.size, failed.size, took);
    // The broker is told while the next call runs already.
    this.#settling.begin();
    this.#running.end();
    this.#pump();
    try {
      if (!context.left) await this.#finish(batch, failed);
    } finally {
      queue.settle(messages.length);
      this.#settling.end();
    }
  }

  async #finish(batch: Batch, failed: ReadonlyMap<number, Redelivery>): Promise<void> {
    if (this.#isOver(batch)) {
      this.#group.instance.settings.logger.warn(
        `Message ${batch.messages[0]?.message.msgId} was consumed for longer than its invisible time: it comes again`,
      );
      return;
    }
    await Promise.all(
      batch.messages.map(async (popped, index) => {
        const redelivery = failed.get(index);
        if (redelivery) await this.#retry(popped, redelivery);
        else await this.#parts.acknowledger.ack(popped);
      }),
    );
  }

  async #retry(popped: PoppedMessage, redelivery: Redelivery): Promise<void> {
    const { returner, acknowledger } = this.#parts;
    const { message } = popped;
    const last = message.reconsumeTimes >= returner.maxReconsumeTimes || redelivery.delayLevel < 0;
    const letter = { ...redelivery, delayLevel: -1 };
    if (last && (await returner.giveBack(message, letter))) await acknowledger.ack(popped);
    else await acknowledger.retryIn(popped, popRetryDelay(redelivery.delayLevel, message.reconsumeTimes));
  }
}
