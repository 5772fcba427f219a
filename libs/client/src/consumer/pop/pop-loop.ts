import { ResponseCode } from '@nest-rocketmq/protocol';
import { RocketMQError, sleep } from '@nest-rocketmq/runtime';
import { BrokerError } from '../../errors.ts';
import { queueText } from '../consumer-group.ts';
import { ConsumeFromWhere } from '../consumer-types.ts';
import type { Gate } from '../gate.ts';
import { pullTarget } from '../pull-exchange.ts';
import { BROKER_SUSPEND_MS, PULL_TIMEOUT_MS } from '../pull-request.ts';
import type { PushGroup } from '../push-group.ts';
import { popOnce } from './pop-exchange.ts';
import type { PopProcessQueue } from './pop-process-queue.ts';
import type { PoppedMessage } from './popped-message.ts';

/** Pauses before the next pop, in milliseconds. */
const BROKER_FLOW_CONTROL_MS = 20;
const ERROR_MS = 1000;
const NOT_HELD_MS = 100;
/** Where a group without an offset begins: the oldest message, or the newest (`ConsumeInitMode`). */
const INIT_MIN = 0;
const INIT_MAX = 1;

/** What a pop loop tells its consumer. */
export interface PopListener {
  onMessages(queue: PopProcessQueue, messages: readonly PoppedMessage[]): void;
  /** Messages that the consumer does not subscribe to after all. */
  onMismatched(messages: readonly PoppedMessage[]): void;
}

/** Pops one queue for as long as it is ours: one pop at a time, the next one as soon as there is room. */
export class PopLoop {
  readonly queue: PopProcessQueue;
  readonly #group: PushGroup;
  readonly #gate: Gate;
  readonly #listener: PopListener;
  readonly #stop = new AbortController();
  #address: string | undefined;

  constructor(group: PushGroup, queue: PopProcessQueue, gate: Gate, listener: PopListener) {
    this.#group = group;
    this.queue = queue;
    this.#gate = gate;
    this.#listener = listener;
  }

  /** Runs until {@link stop}. Never rejects: what fails is tried again. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock } = this.#group.instance.settings;
    while (!signal.aborted) {
      try {
        await this.#gate.pass(signal);
        const pause = signal.aborted ? 0 : await this.#step(signal);
        if (pause > 0) await sleep(clock, pause, signal);
      } catch (error) {
        if (signal.aborted) return;
        await sleep(clock, this.#failed(error), signal).catch(() => undefined);
      }
    }
  }

  /** Ends the loop; messages that the broker hands out at this moment come again when their time is over. */
  stop(): void {
    this.queue.dropped = true;
    this.#stop.abort(new RocketMQError('ABORTED', 'The queue is not popped any more'));
  }

  /** One pop, or none while too much waits; returns how long to pause then. */
  async #step(signal: AbortSignal): Promise<number> {
    const { settings, subscriptions, instance, group } = this.#group;
    const { queue } = this.queue;
    const { clock } = instance.settings;
    await this.queue.room(settings.popThresholdForQueue, signal);
    if (signal.aborted) return 0;
    this.queue.lastPopAt = clock.now();
    const subscription = subscriptions.get(queue.topic);
    // Unsubscribed a moment ago: the next rebalance takes the queue away.
    if (!subscription) return ERROR_MS;
    const { address } = await pullTarget(instance, queue, 0);
    this.#address = address;
    const fromFirst = settings.consumeFromWhere === ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET;
    const outcome = await popOnce(instance, {
      address,
      header: {
        consumerGroup: group,
        topic: queue.topic,
        queueId: queue.queueId,
        maxMsgNums: settings.popBatchNums,
        invisibleTime: settings.popInvisibleTime,
        pollTime: BROKER_SUSPEND_MS,
        bornTime: clock.now(),
        initMode: fromFirst ? INIT_MIN : INIT_MAX,
        expType: subscription.expressionType,
        exp: subscription.subString,
        order: false,
        bname: queue.brokerName,
      },
      brokerName: queue.brokerName,
      subscription,
      timeoutMs: PULL_TIMEOUT_MS,
      signal,
    });
    if (outcome.mismatched.length > 0) this.#listener.onMismatched(outcome.mismatched);
    if (outcome.messages.length > 0 && !this.queue.dropped)
      this.#listener.onMessages(this.queue, outcome.messages);
    if (outcome.status === 'FULL') return ERROR_MS;
    // A broker that answers at once that there is nothing did not wait: by its clock the pop may have been too late.
    const waited = clock.now() - this.queue.lastPopAt;
    return outcome.status === 'NOTHING' && waited < NOT_HELD_MS ? NOT_HELD_MS : settings.pullInterval;
  }

  /** Says how long to pause after an error. */
  #failed(error: unknown): number {
    const { instance } = this.#group;
    if (error instanceof BrokerError && error.responseCode === ResponseCode.FLOW_CONTROL)
      return BROKER_FLOW_CONTROL_MS;
    instance.settings.logger.warn(
      `Pop of ${queueText(this.queue.queue)} failed, next one in ${ERROR_MS} ms`,
      error,
    );
    // An answer that is overdue by so much never comes: the connection may be dead without anyone having said so.
    if (error instanceof RocketMQError && error.code === 'TIMEOUT' && this.#address)
      instance.remoting.disconnect(this.#address);
    return ERROR_MS;
  }
}
