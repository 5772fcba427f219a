import { ResponseCode } from '@nest-rocketmq/protocol';
import { RocketMQError, sleep } from '@nest-rocketmq/runtime';
import { BrokerError } from '../errors.ts';
import type { ReceivedMessage } from '../message/received-message.ts';
import { queueText, type ConsumerGroup } from './consumer-group.ts';
import type { ProcessQueue } from './process-queue.ts';
import { QueuePuller } from './pull-request.ts';

/** Pauses before the next pull, in milliseconds. */
const FLOW_CONTROL_MS = 50;
const BROKER_FLOW_CONTROL_MS = 20;
const ERROR_MS = 1000;

/** What a pull loop tells its consumer. */
export interface PullListener {
  /** Messages to consume; they are in the process queue already. */
  onMessages(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void;
  /** The queue's offset is not valid: drop the queue and begin again at another. */
  onOffsetMoved(queue: ProcessQueue, offset: number): void;
}

/** Pulls one queue for as long as it is ours: one pull at a time, the next one as soon as there is room. */
export class PullLoop {
  readonly #group: ConsumerGroup;
  readonly #queue: ProcessQueue;
  readonly #listener: PullListener;
  readonly #puller: QueuePuller;
  readonly #stop = new AbortController();
  #nextOffset: number;
  #heartbeatTried = false;

  constructor(group: ConsumerGroup, queue: ProcessQueue, nextOffset: number, listener: PullListener) {
    this.#group = group;
    this.#queue = queue;
    this.#nextOffset = nextOffset;
    this.#listener = listener;
    this.#puller = new QueuePuller(group, queue.queue);
  }

  /** Runs until {@link stop}. Never rejects: what fails is tried again. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock } = this.#group.instance.settings;
    const gate = this.#group.gateOf(this.#queue);
    while (!signal.aborted) {
      try {
        await gate.pass(signal);
        const pause = signal.aborted ? 0 : await this.#step(signal);
        if (pause > 0) await sleep(clock, pause, signal);
      } catch (error) {
        if (signal.aborted) return;
        const pause = await this.#failed(error);
        if (pause > 0) await sleep(clock, pause, signal).catch(() => undefined);
      }
    }
  }

  /** Ends the loop; the answer to a pull that waits at the broker is ignored. */
  stop(): void {
    this.#stop.abort(new RocketMQError('ABORTED', 'The queue is not consumed any more'));
  }

  /** One pull, or none while too much waits; returns how long to pause then. */
  async #step(signal: AbortSignal): Promise<number> {
    const { settings, offsets, subscriptions, instance, litePull } = this.#group;
    this.#queue.lastPullAt = instance.settings.clock.now();
    if (!this.#group.mayPull(this.#queue)) return FLOW_CONTROL_MS;
    const subscription = subscriptions.get(this.#queue.queue.topic);
    // Unsubscribed a moment ago: the next rebalance takes the queue away.
    if (!subscription) return ERROR_MS;
    const outcome = await this.#puller.pull(this.#nextOffset, subscription, signal);
    if (signal.aborted || this.#queue.dropped) return 0;
    this.#heartbeatTried = false;
    if (outcome.status === 'OFFSET_MOVED') {
      this.#listener.onOffsetMoved(this.#queue, outcome.nextOffset);
      return 0;
    }
    this.#nextOffset = outcome.nextOffset;
    if (outcome.messages.length > 0) {
      this.#queue.put(outcome.messages);
      this.#listener.onMessages(this.#queue, outcome.messages);
    } else if (!litePull && this.#queue.count === 0) {
      // What was skipped needs no consuming: a restart shall not look at it again. (A pull consumer says itself how far it
      // is: messages it was handed may not be done with.)
      offsets.update(this.#queue.queue, this.#nextOffset, true);
    }
    return settings.pullInterval;
  }

  /** Says how long to pause after an error, and has done what may help. */
  async #failed(error: unknown): Promise<number> {
    const { instance } = this.#group;
    const address = this.#puller.address;
    const code = error instanceof BrokerError ? error.responseCode : undefined;
    if (code === ResponseCode.FLOW_CONTROL) return BROKER_FLOW_CONTROL_MS;
    const forgotten =
      code === ResponseCode.SUBSCRIPTION_NOT_EXIST || code === ResponseCode.SUBSCRIPTION_NOT_LATEST;
    if (forgotten && address !== undefined && !this.#heartbeatTried) {
      // The broker was restarted, or hasn't heard of the subscription yet: it is told, and asked again at once.
      this.#heartbeatTried = true;
      if (await instance.heartbeats.send(address)) return 0;
    }
    instance.settings.logger.warn(
      `Pull of ${queueText(this.#queue.queue)} failed, next one in ${ERROR_MS} ms`,
      error,
    );
    // An answer that is overdue by so much never comes: the connection may be dead without anyone having said so.
    if (error instanceof RocketMQError && error.code === 'TIMEOUT' && address)
      instance.remoting.disconnect(address);
    return ERROR_MS;
  }
}
