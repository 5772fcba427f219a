import { isRequest, type MessageExt, type MessageQueue } from '@nest-rocketmq/client';
import type { Clock } from '@nest-rocketmq/runtime';
import { errorText } from '../error-text.ts';
import type { RocketMQConnection } from '../module/connection.ts';
import { replyOf } from '../template/reply.ts';
import { callBatch } from './batch-call.ts';
import { Batcher } from './batcher.ts';
import { CallTimeout, HandlerTimeout } from './call-timeout.ts';
import { failureChannel, type FailureEvent } from './failure-channel.ts';
import { FailureLog } from './failure-log.ts';
import type { GroupPlan, PlannedHandler } from './group-plan.ts';
import { HandlerCall, type CallOwner, type Receipt, type Station, type Waiting } from './handler-call.ts';
import type { HandlerFactory } from './handler-factory.ts';
import { MessageContext } from './message-context.ts';
import { MessageHandler } from './message-handler.ts';
import {
  DropMessage,
  failureOf,
  isMessageWrong,
  LEFT,
  PayloadError,
  TO_DEAD_LETTERS,
  type Outcome,
} from './outcome.ts';
import { RateLimit } from './rate-limit.ts';
import { Slots } from './slots.ts';

/** Brings the messages of a group to their handlers, within its limits, and says what became of them. */
export class Delivery implements CallOwner {
  readonly #plan: GroupPlan;
  readonly #connection: RocketMQConnection;
  readonly #log: FailureLog;
  readonly #isOurs: (queue: MessageQueue) => boolean;
  readonly #slots: Slots;
  readonly #timeout: CallTimeout | undefined;
  readonly #stations = new Map<PlannedHandler, Station>();
  #running = 0;
  #stopped = false;

  /**
   * @param concurrency how many calls run at the same time; as the plan says, or what the group was resized to
   * @param isOurs whether a queue is this process's at the moment
   */
  constructor(
    plan: GroupPlan,
    connection: RocketMQConnection,
    factory: HandlerFactory,
    clock: Clock,
    concurrency: number,
    isOurs: (queue: MessageQueue) => boolean,
  ) {
    this.#plan = plan;
    this.#isOurs = isOurs;
    this.#connection = connection;
    this.#log = new FailureLog(
      connection.logger,
      plan.consumerGroup,
      plan.settings.messageModel === 'BROADCASTING',
    );
    this.#slots = new Slots(concurrency);
    this.#timeout =
      plan.handlerTimeout === undefined ? undefined : new CallTimeout(plan.handlerTimeout, clock);
    for (const planned of plan.handlers) {
      const station: Station = {
        handler: new MessageHandler(planned, factory, connection.converter),
        // A single handler is limited by its consumer already.
        place: plan.isShared ? this.#slots.add(planned.declaration.limit) : undefined,
        rate: planned.rateLimit && new RateLimit(planned.rateLimit, clock),
        owner: this,
        batcher:
          planned.batch &&
          new Batcher<Waiting>(planned.batch, clock, (items) => void this.#handleBatch(station, items)),
      };
      this.#stations.set(planned, station);
    }
  }

  /** Handlers that run at the moment. */
  get running(): number {
    return this.#running;
  }

  /** Changes how many calls run at the same time. */
  resize(concurrency: number): void {
    this.#slots.resize(concurrency);
  }

  /** Begins with nothing any more: what waits is left. What runs goes on. */
  stop(): void {
    this.#stopped = true;
    for (const { batcher, rate } of this.#stations.values()) {
      rate?.stop();
      batcher?.flush();
    }
    this.#slots.stop();
  }

  /** What still runs after the group was given time to end holds nothing any more. */
  abandon(): void {
    this.#timeout?.stop();
  }

  /**
   * Gives a message to its handler.
   * @param queue where it is from: when the message had to wait, it is asked whether that is still this process's
   * @param receipt told what became of it
   */
  deliver(message: MessageExt, queue: MessageQueue, receipt: Receipt): void {
    if (this.#stopped) {
      receipt.settle(LEFT);
      return;
    }
    const planned = this.#plan.routes.find(message);
    const station = planned && this.#stations.get(planned);
    if (!station) receipt.settle(this.#unclaimed(message));
    else if (station.batcher) station.batcher.add({ message, receipt });
    else if (station.place || station.rate) this.#callInTurn(station, message, queue, receipt);
    else this.#call(station, message, receipt);
  }

  #callInTurn(station: Station, message: MessageExt, queue: MessageQueue, receipt: Receipt): void {
    const turn = this.#turn(station, 1);
    if (turn === true) {
      this.#call(station, message, receipt);
      return;
    }
    void turn.then((begins) => {
      if (begins && this.#isOurs(queue)) {
        this.#call(station, message, receipt);
        return;
      }
      if (begins && station.place) this.#slots.release(station.place);
      receipt.settle(LEFT);
    });
  }

  /** Every message passes here: nothing is made for it but its context and its call. */
  #call(station: Station, message: MessageExt, receipt: Receipt): void {
    const { consumerGroup, connection } = this.#plan;
    const context = new MessageContext(message, consumerGroup, connection, station.handler.name);
    const call = new HandlerCall(station, context, receipt);
    this.#running++;
    this.#timeout?.begin(call);
    call.begin();
  }

  onReturn(call: HandlerCall, returned: unknown): void {
    this.#timeout?.end(call);
    const { message } = call.context;
    if (returned === undefined || !isRequest(message)) {
      this.#settle(call, undefined);
      return;
    }
    const replied = (): void => this.#settle(call, undefined);
    this.#reply(message, returned, call.station.handler).then(replied, replied);
  }

  onFailure(call: HandlerCall, error: unknown): void {
    const { station, context } = call;
    this.#timeout?.end(call);
    this.#failed(station.handler, context, error).then(
      (outcome) => this.#settle(call, outcome),
      // Whatever it is: the message comes again.
      (unexpected: unknown) =>
        this.#settle(call, { delayLevel: 0, reason: errorText(unexpected), by: context.handler }),
    );
  }

  #settle({ station, receipt }: HandlerCall, outcome: Outcome): void {
    this.#running--;
    if (station.place) this.#slots.release(station.place);
    receipt.settle(outcome);
  }

  async #handleBatch(station: Station, items: readonly Waiting[]): Promise<void> {
    const { handler, place } = station;
    const turn = this.#turn(station, items.length);
    if (turn !== true && !(await turn)) {
      for (const { receipt } of items) receipt.settle(LEFT);
      return;
    }
    const { consumerGroup, connection } = this.#plan;
    this.#running++;
    try {
      const messages = items.map(({ message }) => message);
      const parts = { handler, consumerGroup, connection, timeout: this.#timeout };
      const outcomes = await callBatch(messages, parts);
      for (const [index, { message, receipt }] of items.entries()) {
        const failed = outcomes[index];
        const context = new MessageContext(message, consumerGroup, connection, handler.name);
        receipt.settle(failed && (await this.#failed(handler, context, failed.error)));
      }
    } catch (error) {
      // Whatever it is: the messages come again.
      const reason = errorText(error);
      for (const { receipt } of items) receipt.settle({ delayLevel: 0, reason, by: handler.name });
    } finally {
      this.#running--;
      if (place) this.#slots.release(place);
    }
  }

  /** Waits for the rate, then for a place. @returns whether the handler may begin */
  #turn({ place, rate }: Station, messages: number): true | Promise<boolean> {
    const rated = rate?.take(messages) ?? true;
    if (rated === true) return place ? this.#slots.take(place) : true;
    return rated.then((begins) => begins && (place ? this.#slots.take(place) : true));
  }

  async #failed(handler: MessageHandler, context: MessageContext, error: unknown): Promise<Outcome> {
    const { message } = context;
    const { consumerGroup, connection } = this.#plan;
    if (failureChannel.hasSubscribers) {
      const event: FailureEvent = { message, connection, consumerGroup, handler: handler.name, error };
      failureChannel.publish(event);
    }
    const { maxReconsumeTimes, delayLevelWhenNextConsume, onInvalidPayload } = handler.plan;
    const invalid = error instanceof PayloadError || isMessageWrong(error);
    const attemptsLeft = message.reconsumeTimes < maxReconsumeTimes;
    const failure =
      invalid && onInvalidPayload === 'RETRY'
        ? failureOf(new Error(failureOf(error, 0, true).reason), delayLevelWhenNextConsume, attemptsLeft)
        : failureOf(error, delayLevelWhenNextConsume, attemptsLeft);
    const { reason, delayLevel } = failure;
    const alone = error instanceof PayloadError || error instanceof HandlerTimeout;
    const line = { message, who: handler.name, reason, alone };
    const dropped =
      error instanceof DropMessage ||
      (invalid && onInvalidPayload === 'DROP') ||
      (delayLevel === TO_DEAD_LETTERS && (await this.#lastAttempt(handler, context, error)));
    if (dropped) {
      this.#log.write({ ...line, next: 'dropped' });
      return undefined;
    }
    this.#log.write({ ...line, next: delayLevel });
    return { ...failure, by: handler.name };
  }

  /** Tells the handler's class that a message is about to become a dead letter. @returns whether it is dropped instead */
  async #lastAttempt(handler: MessageHandler, context: MessageContext, error: unknown): Promise<boolean> {
    const { onLastAttempt } = handler;
    if (!onLastAttempt) return false;
    const told = new MessageContext(
      context.message,
      context.consumerGroup,
      context.connection,
      context.handler,
      error,
    );
    const tell = async (): Promise<unknown> => {
      let payload: unknown;
      // A payload that can't be read is why it is told.
      if (!(error instanceof PayloadError)) payload = handler.payloadOf(context.message);
      return onLastAttempt(payload, told);
    };
    try {
      await (this.#timeout ? this.#timeout.within(tell()) : tell());
      return false;
    } catch (thrown) {
      if (thrown instanceof DropMessage) return true;
      this.#connection.logger.error(
        `${handler.name}: onLastAttempt failed with message ${context.message.msgId}, which becomes a dead letter nonetheless`,
        thrown,
      );
      return false;
    }
  }

  /** Of the group's subscription, but of no handler: another member of the group may have one. */
  #unclaimed(message: MessageExt): Outcome {
    const { consumerGroup } = this.#plan;
    const reason = 'no handler takes it: it may be meant for another version of this application';
    this.#log.write({ message, who: consumerGroup, reason, next: 0 });
    return { delayLevel: 0, reason, by: consumerGroup };
  }

  async #reply(message: MessageExt, returned: unknown, handler: MessageHandler): Promise<void> {
    const { converter, producer, logger } = this.#connection;
    const { replyTimeout } = handler.plan;
    try {
      const reply = replyOf(returned, handler.plan.converter ?? converter);
      await producer.reply(
        message,
        reply,
        replyTimeout === undefined ? undefined : { timeout: replyTimeout },
      );
    } catch (error) {
      // The work is done, and doing it again would not bring its requester back.
      logger.error(
        `${handler.name}: the reply to message ${message.msgId} did not reach its requester`,
        error,
      );
    }
  }
}
