import {
  ConsumeOrderlyStatus,
  isRequest,
  type ConsumeConcurrentlyContext,
  type ConsumeOrderlyContext,
  type MessageExt,
  type MessageQueue,
} from '@nest-rocketmq/client';
import { printable, systemClock } from '@nest-rocketmq/runtime';
import { drain } from '../lifecycle/drain-progress.ts';
import { replyOf } from '../template/reply.ts';
import type { Consumer } from '../module/client-factory.ts';
import type { RocketMQConnection } from '../module/connection.ts';
import type { GroupPlan, PlannedHandler } from './group-plan.ts';
import { failureChannel, type FailureEvent } from './failure-channel.ts';
import type { HandlerFactory } from './handler-factory.ts';
import { MessageContext } from './message-context.ts';
import { MessageHandler } from './message-handler.ts';
import { failureOf, PayloadError, TO_DEAD_LETTERS, type Failure } from './outcome.ts';
import { rejection } from './rejection.ts';

/** What a listener container is doing. */
export type ListenerState = 'stopped' | 'running' | 'paused';

/** The consumer of one group: hands messages to their handlers, and tells RocketMQ what became of them. */
export class ListenerContainer {
  readonly plan: GroupPlan;
  readonly #connection: RocketMQConnection;
  readonly #handlers = new Map<PlannedHandler, MessageHandler>();
  #consumer: Consumer | undefined;
  #state: ListenerState = 'stopped';
  #running = 0;

  constructor(plan: GroupPlan, connection: RocketMQConnection, factory: HandlerFactory) {
    this.plan = plan;
    this.#connection = connection;
    for (const handler of plan.handlers) {
      this.#handlers.set(
        handler,
        new MessageHandler(handler, factory, connection.converter, plan.concurrency),
      );
    }
  }

  get state(): ListenerState {
    return this.#state;
  }

  /** The queues this process reads at the moment. */
  get queues(): MessageQueue[] {
    return this.#consumer ? [...this.#consumer.assignment()] : [];
  }

  /** Starts to consume; a running one is left as it is. */
  async start(): Promise<void> {
    if (this.#consumer) return;
    const { plan } = this;
    const { settings, maxReconsumeTimes } = plan;
    const { consumeMode: _, suspendCurrentQueueTime: suspendCurrentQueueTimeMillis, ...shared } = settings;
    const consumer = this.#connection.consumer({
      group: plan.consumerGroup,
      concurrency: plan.concurrency,
      consumeMessageBatchMaxSize: 1,
      maxReconsumeTimes,
      ...shared,
      ...(suspendCurrentQueueTimeMillis === undefined ? {} : { suspendCurrentQueueTimeMillis }),
    });
    for (const [topic, selector] of plan.routes.subscription()) consumer.subscribe(topic, selector);
    if (plan.orderly) {
      consumer.onMessageOrderly(async ([message], context) => {
        if (message) return this.#consumeInOrder(message, context);
      });
    } else {
      consumer.onMessage(async ([message], context) => {
        if (message) await this.#consume(message, context);
      });
    }
    this.#consumer = consumer;
    this.#state = 'running';
    try {
      await consumer.start();
    } catch (error) {
      this.#consumer = undefined;
      this.#state = 'stopped';
      throw error;
    }
  }

  /**
   * Stops pulling, lets running handlers end within `drainMs` milliseconds, and stores how far the group came. What
   * was not done by then comes again.
   */
  async stop(drainMs: number): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#state = 'stopped';
    if (!consumer) return;
    const { logger } = this.#connection;
    await drain(
      { group: this.plan.consumerGroup, drainMs, running: () => this.#running },
      () => consumer.shutdown({ drainMs }),
      { clock: systemClock, logger },
    );
  }

  /** Handlers that run at the moment. */
  get running(): number {
    return this.#running;
  }

  /** Pulls nothing more until {@link resume}; the group keeps its queues. */
  pause(): void {
    if (this.#state !== 'running') return;
    this.#consumer?.suspend();
    this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#consumer?.resume();
    this.#state = 'running';
  }

  async #consume(message: MessageExt, context: ConsumeConcurrentlyContext): Promise<void> {
    const failed = await this.#handle(message);
    if (failed?.delayLevel === TO_DEAD_LETTERS) context.reject(0, rejection(failed));
    else if (failed) context.retry(0, failed.delayLevel);
  }

  async #consumeInOrder(message: MessageExt, context: ConsumeOrderlyContext): Promise<ConsumeOrderlyStatus> {
    const failed = await this.#handle(message);
    if (failed && failed.delayLevel !== TO_DEAD_LETTERS) {
      if (failed.delayMs !== undefined) context.suspendCurrentQueueTimeMillis = failed.delayMs;
      return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    }
    if (failed) context.reject(0, rejection(failed));
    return ConsumeOrderlyStatus.SUCCESS;
  }

  /** Gives a message to its handler. @returns what is to become of it when that failed */
  async #handle(message: MessageExt): Promise<(Failure & { by: string }) | undefined> {
    const { connection, consumerGroup, routes } = this.plan;
    const planned = routes.find(message.topic, message.tags);
    const handler = planned && this.#handlers.get(planned);
    if (!handler) {
      const reason = 'no handler takes it: it may be meant for another version of this application';
      this.#warn(message, consumerGroup, reason, 0);
      return { delayLevel: 0, reason, by: consumerGroup };
    }
    this.#running++;
    try {
      const returned = await handler.handle(
        new MessageContext(message, consumerGroup, connection, handler.name),
      );
      if (returned !== undefined && isRequest(message)) await this.#reply(message, returned, handler);
      return undefined;
    } catch (error) {
      if (failureChannel.hasSubscribers)
        failureChannel.publish({
          message,
          connection,
          consumerGroup,
          handler: handler.name,
          error,
        } satisfies FailureEvent);
      const { maxReconsumeTimes, delayLevelWhenNextConsume } = handler.plan;
      const failure = failureOf(error, delayLevelWhenNextConsume, message.reconsumeTimes < maxReconsumeTimes);
      this.#warn(message, handler.name, failure.reason, failure.delayLevel, error instanceof PayloadError);
      return { ...failure, by: handler.name };
    } finally {
      this.#running--;
    }
  }

  async #reply(message: MessageExt, returned: unknown, handler: MessageHandler): Promise<void> {
    const { converter, producer, logger } = this.#connection;
    try {
      await producer.reply(message, replyOf(returned, handler.plan.converter ?? converter));
    } catch (error) {
      // The work is done, and doing it again would not bring its requester back.
      logger.error(
        `${handler.name}: the reply to message ${message.msgId} did not reach its requester`,
        error,
      );
    }
  }

  /**
   * One line for each failure, without the payload. At error level only where nobody else says it: an error of a
   * handler is logged by Nest's own filter, with its stack.
   */
  #warn(message: MessageExt, who: string, reason: string, delayLevel: number, alone = false): void {
    const what = message.tags === undefined ? message.topic : `${message.topic}:${printable(message.tags)}`;
    const next =
      this.plan.settings.messageModel === 'BROADCASTING'
        ? 'broadcast messages are not repeated'
        : delayLevel === TO_DEAD_LETTERS
          ? `goes to %DLQ%${this.plan.consumerGroup}`
          : 'comes again';
    const line = `${who}: message ${message.msgId} of ${what}, attempt ${message.reconsumeTimes + 1}, ${next}: ${printable(reason)}`;
    if (alone) this.#connection.logger.error(line);
    else this.#connection.logger.warn(line);
  }
}
