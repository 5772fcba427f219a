import {
  MixAll,
  popNormalTopic,
  popRetryTopicV1,
  QueryAssignment,
  QueryAssignmentRequestBody,
  QueryAssignmentResponseBody,
  queueKey,
  ResponseCode,
  type ConsumerRunningInfo,
  type MessageQueueAssignment,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { buildSubscription } from '@nest-rocketmq/filter';
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

/** What it stands on besides. */
export interface PopParts extends Omit<ConsumePopParts, 'acknowledger'> {
  /** The group's own, by topic: POP retry topics come and go. */
  readonly subscriptions: Map<string, SubscriptionData>;
}

/**
 * The part of a push consumer whose queues are shared by the brokers (`clientRebalance: false`): each broker says which
 * queues are ours, and whether they are pulled or popped (`RebalanceImpl.getRebalanceResultFromBroker`). Those to pull go
 * to `pull`; those to pop are popped here.
 */
export class PopRuntime {
  readonly #group: PushGroup;
  readonly #gate: Gate;
  readonly #subscriptions: Map<string, SubscriptionData>;
  readonly #pull: Assign;
  readonly #acknowledger: PopAcknowledger;
  readonly #consume: ConsumePopService;
  readonly #loops = new Map<string, { loop: PopLoop; done: Promise<void> }>();
  #stopped = false;

  /** @param pull pulls queues of a topic, and no others of it */
  constructor(group: PushGroup, gate: Gate, pull: Assign, parts: PopParts) {
    this.#group = group;
    this.#subscriptions = parts.subscriptions;
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
    await this.#pullRevived(topic, queues(false).length > 0, queues(true).length > 0);
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
  async dropUnsubscribed(): Promise<void> {
    const { group } = this.#group;
    for (const { topic } of this.queues()) if (!this.#subscriptions.has(topic)) this.#assignPops(topic, []);
    for (const name of this.#subscriptions.keys()) {
      const normal = popNormalTopic(name, group);
      if (normal === name || this.#subscriptions.has(normal)) continue;
      this.#subscriptions.delete(name);
      await this.#pull(name, []);
    }
  }

  /** Stops popping. */
  async stopPopping(): Promise<void> {
    this.#stopped = true;
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    for (const { loop } of loops) loop.stop();
    await Promise.all(loops.map(({ done }) => done));
  }

  /** As `ConsumeService.resized`. */
  resized(): void {
    this.#consume.resized();
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

  /**
   * What was popped and revived before the group went over to pulling lies in the POP retry topic: it is pulled as well
   * (`RebalanceImpl.updateMessageQueueAssignment`).
   */
  async #pullRevived(topic: string, pulls: boolean, pops: boolean): Promise<void> {
    const { instance, group, subscriptions } = this.#group;
    if (topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX) || pulls === pops) return;
    const revived = popRetryTopicV1(topic, group);
    if (pops) {
      if (!subscriptions.has(revived)) return;
      this.#subscriptions.delete(revived);
      await this.#pull(revived, []);
      return;
    }
    if (subscriptions.has(revived) || !subscriptions.has(topic)) return;
    // Most groups never had one.
    const route = await instance.routes.refresh(revived);
    if (!route || route.provisional) return;
    const all = buildSubscription(revived, MixAll.SUB_ALL, 'TAG');
    this.#subscriptions.set(revived, { ...all, subVersion: instance.settings.clock.now() });
    instance.routes.watch(revived);
    await instance.heartbeats.sendAll();
  }

  #assignPops(topic: string, queues: readonly MessageQueue[]): void {
    const { clock, logger } = this.#group.instance.settings;
    const wanted = new Map(queues.map((queue) => [queueKey(queue), queue]));
    const expired = clock.now() - POP_EXPIRED_MS;
    for (const [key, { loop }] of this.#loops) {
      if (loop.queue.queue.topic !== topic) continue;
      // One that is full is not popped before there is room.
      const full = loop.queue.waiting > this.#group.settings.popThresholdForQueue;
      const stale = this.#gate.isOpen && !full && loop.queue.lastPopAt < expired;
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
