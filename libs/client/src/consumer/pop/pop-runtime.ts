import {
  QueryAssignment,
  QueryAssignmentRequestBody,
  QueryAssignmentResponseBody,
  queueKey,
  ResponseCode,
  type ConsumerRunningInfo,
  type MessageQueueAssignment,
} from '@nest-rocketmq/protocol';
import { BrokerError } from '../../errors.ts';
import type { TopicRoute } from '../../instance/topic-route.ts';
import type { MessageQueue } from '../../message/message.ts';
import { queueText } from '../consumer-group.ts';
import type { Gate } from '../gate.ts';
import type { PushGroup } from '../push-group.ts';
import type { Assign } from '../rebalancer.ts';
import { ConsumePopService, type ConsumePopParts } from './consume-pop-service.ts';
import { PopAcknowledger } from './pop-acknowledger.ts';
import { PopLoop } from './pop-loop.ts';
import { PopProcessQueue } from './pop-process-queue.ts';

/** A queue that is ours and hasn't been popped for so long is begun with anew, in milliseconds. */
const POP_EXPIRED_MS = 120_000;

/**
 * The part of a push consumer whose queues are shared by the brokers (`clientRebalance: false`): each broker says which
 * queues are ours, and whether they are pulled or popped (`RebalanceImpl.getRebalanceResultFromBroker`). Those to pull go
 * to `pull`; those to pop are popped here.
 */
export class PopRuntime {
  readonly #group: PushGroup;
  readonly #gate: Gate;
  readonly #pull: Assign;
  readonly #acknowledger: PopAcknowledger;
  readonly #consume: ConsumePopService;
  readonly #loops = new Map<string, { loop: PopLoop; done: Promise<void> }>();
  #stopped = false;

  constructor(group: PushGroup, gate: Gate, pull: Assign, parts: Omit<ConsumePopParts, 'acknowledger'>) {
    this.#group = group;
    this.#gate = gate;
    this.#pull = pull;
    this.#acknowledger = new PopAcknowledger(group);
    this.#consume = new ConsumePopService(group, { ...parts, acknowledger: this.#acknowledger });
  }

  /**
   * Has the queues of a topic shared by a broker.
   * @returns whether that is in effect; undefined when the broker doesn't share queues (4.9): the members do then
   */
  async share(topic: string, route: TopicRoute): Promise<boolean | undefined> {
    const addresses = route.brokerAddresses();
    const address = addresses[Math.floor(Math.random() * addresses.length)];
    if (address === undefined) return false;
    let assignments: MessageQueueAssignment[] | undefined;
    try {
      assignments = await this.#ask(topic, address);
    } catch (error) {
      const unknown =
        error instanceof BrokerError && error.responseCode === ResponseCode.REQUEST_CODE_NOT_SUPPORTED;
      if (!unknown) throw error;
      this.#assignPops(topic, []);
      return undefined;
    }
    if (!assignments) {
      // A broker that was just restarted has not heard of us yet.
      await this.#group.instance.heartbeats.sendAll();
      return false;
    }
    const queues = (pop: boolean): MessageQueue[] =>
      (assignments ?? [])
        .filter(({ mode }) => (mode === 'POP') === pop)
        .map(({ messageQueue }) => messageQueue);
    // What was pulled and is popped now is committed first: the broker goes on from there.
    const pulled = await this.#pull(topic, queues(false));
    this.#assignPops(topic, queues(true));
    return pulled;
  }

  /** The queues that are popped. */
  queues(): MessageQueue[] {
    return [...this.#loops.values()].map(({ loop }) => loop.queue.queue);
  }

  /** The popped queues, as a console shows them. */
  info(): ConsumerRunningInfo['mqPopTable'] {
    return [...this.#loops.values()].map(({ loop: { queue } }) => ({
      queue: queue.queue,
      value: { waitAckCount: queue.waiting, droped: queue.dropped, lastPopTimestamp: queue.lastPopAt },
    }));
  }

  /** Ends the popping of topics that are not subscribed any more. */
  dropUnsubscribed(): void {
    for (const { topic } of this.queues())
      if (!this.#group.subscriptions.has(topic)) this.#assignPops(topic, []);
  }

  /** Stops popping. */
  async stopPopping(): Promise<void> {
    this.#stopped = true;
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    for (const { loop } of loops) loop.stop();
    await Promise.all(loops.map(({ done }) => done));
  }

  /** As `ConsumeService.stop`. */
  stop(timeoutMs: number): Promise<boolean> {
    return this.#consume.stop(timeoutMs);
  }

  async #ask(topic: string, address: string): Promise<MessageQueueAssignment[] | undefined> {
    const { instance, group, settings } = this.#group;
    const body = QueryAssignmentRequestBody.encode({
      topic,
      consumerGroup: group,
      clientId: instance.clientId,
      strategyName: settings.allocateStrategy.name,
      messageModel: settings.messageModel,
    });
    const answer = await instance.call(address, QueryAssignment, {}, { body });
    return QueryAssignmentResponseBody.decode(answer.body).messageQueueAssignments;
  }

  #assignPops(topic: string, queues: readonly MessageQueue[]): void {
    const { clock, logger } = this.#group.instance.settings;
    const wanted = new Map(queues.map((queue) => [queueKey(queue), queue]));
    const expired = clock.now() - POP_EXPIRED_MS;
    for (const [key, { loop }] of this.#loops) {
      if (loop.queue.queue.topic !== topic) continue;
      const stale = this.#gate.isOpen && loop.queue.lastPopAt < expired;
      if (wanted.has(key) && !stale) continue;
      loop.stop();
      this.#loops.delete(key);
      logger.debug(`${queueText(loop.queue.queue)} is not popped any more`);
    }
    for (const [key, queue] of wanted) {
      if (this.#stopped) return;
      if (this.#loops.has(key)) continue;
      const loop = new PopLoop(this.#group, new PopProcessQueue(queue, clock.now()), this.#gate, {
        onMessages: (from, messages) => this.#consume.submit(from, messages),
        onMismatched: (messages) => {
          for (const message of messages) void this.#acknowledger.ack(message);
        },
      });
      this.#loops.set(key, { loop, done: loop.run() });
      logger.debug(`${queueText(queue)} is popped now`);
    }
  }
}
