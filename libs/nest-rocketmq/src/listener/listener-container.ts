import {
  ConsumeOrderlyStatus,
  withoutNamespace,
  type ConsumeConcurrentlyContext,
  type ConsumeOrderlyContext,
  type MessageExt,
  type MessageQueue,
} from '@nest-rocketmq/client';
import { systemClock, type Clock } from '@nest-rocketmq/runtime';
import { errorText } from '../error-text.ts';
import { drain } from '../lifecycle/drain-progress.ts';
import type { Consumer } from '../module/client-factory.ts';
import type { RocketMQConnection } from '../module/connection.ts';
import { consumerConcurrency, consumerSettings } from './consumer-settings.ts';
import { Delivery } from './delivery.ts';
import type { GroupPlan } from './group-plan.ts';
import type { Receipt } from './handler-call.ts';
import type { HandlerFactory } from './handler-factory.ts';
import { Lanes } from './lanes.ts';
import { LEFT, TO_DEAD_LETTERS, type Outcome } from './outcome.ts';
import { rejection } from './rejection.ts';

/** What a listener container is doing. */
export type ListenerState = 'stopped' | 'running' | 'paused';

/** How long a lane waits after a failure where its group doesn't say, in milliseconds; as a queue in order does. */
const SUSPEND_MS = 1000;

/** What there is while a group is running. */
interface Running {
  readonly consumer: Consumer;
  readonly delivery: Delivery;
  /** Aborted when the group is to stop. */
  readonly stopping: AbortController;
  /** Where messages are in order within a key. */
  readonly lanes: Lanes | undefined;
}

/** The consumer of one group: hands messages to their handlers, and tells RocketMQ what became of them. */
export class ListenerContainer {
  readonly plan: GroupPlan;
  readonly #connection: RocketMQConnection;
  readonly #factory: HandlerFactory;
  readonly #clock: Clock;
  #concurrency: number;
  #current: Running | undefined;
  #state: ListenerState = 'stopped';

  /** @param clock what handlers' time-outs, rates and batches go by; default: the machine's */
  constructor(plan: GroupPlan, connection: RocketMQConnection, factory: HandlerFactory, clock = systemClock) {
    this.plan = plan;
    this.#connection = connection;
    this.#factory = factory;
    this.#clock = clock;
    this.#concurrency = plan.concurrency;
  }

  get state(): ListenerState {
    return this.#state;
  }

  /** How many handlers may run at the same time. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** Handlers that run at the moment. */
  get running(): number {
    return this.#current?.delivery.running ?? 0;
  }

  /** The queues this process reads at the moment. */
  get queues(): MessageQueue[] {
    return this.#current ? [...this.#current.consumer.assignment()] : [];
  }

  /** Starts to consume; a running one is left as it is. */
  async start(): Promise<void> {
    if (this.#current) return;
    const { plan } = this;
    const consumer = this.#connection.consumer(consumerSettings(plan, this.#concurrency));
    const isOurs = (queue: MessageQueue): boolean => this.#isOurs(consumer, queue);
    const delivery = new Delivery(
      plan,
      this.#connection,
      this.#factory,
      this.#clock,
      this.#concurrency,
      isOurs,
    );
    const stopping = new AbortController();
    const suspendMs = plan.settings.suspendCurrentQueueTime ?? SUSPEND_MS;
    const lanes =
      plan.lanes &&
      new Lanes({ key: plan.lanes.key, suspendMs, clock: this.#clock, signal: stopping.signal });
    const current: Running = { consumer, delivery, stopping, lanes };
    for (const [topic, selector] of plan.routes.subscription()) consumer.subscribe(topic, selector);
    if (plan.orderly) {
      consumer.onMessageOrderly(([message], context) =>
        message ? this.#consumeInOrder(current, message, context) : undefined,
      );
    } else {
      consumer.onMessage(([message], context) => {
        if (message) this.#consume(current, message, context);
      });
    }
    this.#current = current;
    this.#state = 'running';
    try {
      await consumer.start();
    } catch (error) {
      this.#current = undefined;
      this.#state = 'stopped';
      throw error;
    }
  }

  /**
   * Stops pulling, lets running handlers end within `drainMs` milliseconds, and stores how far the group came. What
   * was not done by then comes again.
   */
  async stop(drainMs: number): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    this.#state = 'stopped';
    if (!current) return;
    const { consumer, delivery, stopping } = current;
    delivery.stop();
    stopping.abort();
    await drain(
      { group: this.plan.consumerGroup, drainMs, running: () => delivery.running },
      () => consumer.shutdown({ drainMs }),
      { clock: this.#clock, logger: this.#connection.logger },
    );
    delivery.abandon();
  }

  /** Pulls nothing more until {@link resume}; the group keeps its queues. */
  pause(): void {
    if (this.#state !== 'running') return;
    this.#current?.consumer.suspend();
    this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#current?.consumer.resume();
    this.#state = 'running';
  }

  /** Changes how many handlers run at the same time, now and when it is started again. */
  resize(concurrency: number): void {
    const consumers = consumerConcurrency(this.plan, concurrency);
    this.#current?.consumer.resize(consumers);
    this.#current?.delivery.resize(concurrency);
    this.#concurrency = concurrency;
  }

  #consume(current: Running, message: MessageExt, context: ConsumeConcurrentlyContext): void {
    const { delivery, lanes } = current;
    const receipt = new Consumption(context);
    context.defer();
    if (lanes) this.#consumeInLane(current, lanes, message, receipt);
    else delivery.deliver(message, context.messageQueue, receipt);
  }

  #consumeInLane(
    { delivery, consumer }: Running,
    lanes: Lanes,
    message: MessageExt,
    receipt: Consumption,
  ): void {
    const queue = receipt.context.messageQueue;
    lanes
      .run(message, {
        queue,
        deliver: () => outcomeOf(delivery, message, queue),
        isOurs: () => this.#isOurs(consumer, queue),
      })
      .then(
        (outcome) => receipt.settle(outcome),
        (error: unknown) => {
          const { consumerGroup } = this.plan;
          this.#connection.logger.warn(
            `The lane of message ${message.msgId} of group ${consumerGroup} could not be found, it comes again`,
            error,
          );
          receipt.settle({ delayLevel: 0, reason: errorText(error), by: consumerGroup });
        },
      );
  }

  async #consumeInOrder(
    current: Running,
    message: MessageExt,
    context: ConsumeOrderlyContext,
  ): Promise<ConsumeOrderlyStatus> {
    const outcome = await outcomeOf(current.delivery, message, context.messageQueue);
    if (outcome === undefined) return ConsumeOrderlyStatus.SUCCESS;
    if (outcome === LEFT) {
      context.leave();
      return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    }
    if (outcome.delayLevel !== TO_DEAD_LETTERS) {
      if (outcome.delayMs !== undefined) context.suspendCurrentQueueTimeMillis = outcome.delayMs;
      return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    }
    context.reject(0, rejection(outcome));
    return ConsumeOrderlyStatus.SUCCESS;
  }

  /** Whether a message that had to wait is still to be handled here: its queue may be another member's by now. */
  #isOurs(consumer: Consumer, queue: MessageQueue): boolean {
    // Popped messages are this process's for their time, wherever their queue goes.
    if (this.plan.settings.clientRebalance === false && !this.plan.lanes) return true;
    const namespace = this.plan.settings.namespace ?? this.#connection.namespace;
    const topic = withoutNamespace(namespace, queue.topic);
    return consumer
      .assignment()
      .some(
        (ours) =>
          ours.topic === topic && ours.brokerName === queue.brokerName && ours.queueId === queue.queueId,
      );
  }
}

/** One message of a listener that is not in order: its consumer's call of it is over when it is settled. */
class Consumption implements Receipt {
  readonly context: ConsumeConcurrentlyContext;

  constructor(context: ConsumeConcurrentlyContext) {
    this.context = context;
  }

  settle(outcome: Outcome): void {
    if (outcome !== undefined) tell(this.context, outcome);
    this.context.done();
  }
}

function outcomeOf(delivery: Delivery, message: MessageExt, queue: MessageQueue): Promise<Outcome> {
  return new Promise((settle) => delivery.deliver(message, queue, { settle }));
}

/** Has a message that is not done come again, or become a dead letter. */
function tell(context: ConsumeConcurrentlyContext, outcome: NonNullable<Outcome>): void {
  if (outcome === LEFT) context.leave();
  else if (outcome.delayLevel === TO_DEAD_LETTERS) context.reject(0, rejection(outcome));
  else context.retry(0, outcome.delayLevel);
}
