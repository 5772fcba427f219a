import type {
  ConsumeMessageDirectlyResult,
  ConsumerData,
  ConsumerRunningInfo,
  QueueEntry,
  SubscriptionData,
} from '@nest-rocketmq/protocol';
import { queueKey, ResponseCode } from '@nest-rocketmq/protocol';
import { buildSubscription } from '@nest-rocketmq/filter';
import { ResponseError } from '@nest-rocketmq/remoting';
import { RocketMQError, scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { ClientSettings } from '../../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../../instance/client-registry.ts';
import type { ConsumerMember } from '../../instance/members.ts';
import type { MessageExt, MessageQueue } from '../../message/message.ts';
import { checkSubscriptions } from '../check-subscriptions.ts';
import { queueText, type ConsumerGroup } from '../consumer-group.ts';
import { consumerRunningInfo } from '../consumer-status.ts';
import { MessageModel } from '../consumer-types.ts';
import { Gate } from '../gate.ts';
import { defaultLocalOffsetDir, LocalOffsetStore } from '../local-offset-store.ts';
import type { ProcessQueue } from '../process-queue.ts';
import { isOverThreshold } from '../pull-threshold.ts';
import { QueueAssignment } from '../queue-assignment.ts';
import { Rebalancer } from '../rebalancer.ts';
import { RemoteOffsetStore } from '../remote-offset-store.ts';
import type { LitePullSettings } from './lite-pull-options.ts';
import { PollBuffer } from './poll-buffer.ts';

/** Queues that could not be begun with are tried again after so many milliseconds. */
const ASSIGN_RETRY_MS = 1000;

/** What the application chose before the start: topics to share, or queues. */
export interface LitePullChoice {
  subscriptions: ReadonlyMap<string, SubscriptionData>;
  /** Undefined: queues are shared among the members. */
  assigned: readonly MessageQueue[] | undefined;
  /** The expressions for assigned queues, by topic; other topics have `*`. */
  expressions: ReadonlyMap<string, SubscriptionData>;
}

/** A pull consumer that runs: everything that exists between its start and its shutdown. */
export class LitePullRuntime implements ConsumerMember {
  readonly group: string;
  readonly shared: ConsumerGroup;
  readonly #settings: LitePullSettings;
  readonly #lease: InstanceLease;
  readonly #subscriptions = new Map<string, SubscriptionData>();
  readonly #expressions: ReadonlyMap<string, SubscriptionData>;
  #assigned: readonly MessageQueue[] | undefined;
  readonly #assignment: QueueAssignment;
  readonly #rebalancer: Rebalancer;
  readonly #buffer: PollBuffer;
  readonly #gates = new WeakMap<ProcessQueue, Gate>();
  /** How far each queue was handed out, or was sought: what a commit stores. */
  readonly #handed = new WeakMap<ProcessQueue, number>();
  readonly #timers: Scheduled[] = [];
  #retry: Scheduled | undefined;
  #assigning: Promise<void> = Promise.resolve();
  #announced = false;
  #stopped = false;
  #nextAutoCommit = 0;

  /** @throws RocketMQError `INVALID_CONFIG` when the group is in the named client already */
  constructor(group: string, client: ClientSettings, settings: LitePullSettings, choice: LitePullChoice) {
    this.group = group;
    this.#settings = settings;
    this.#assigned = choice.assigned;
    this.#expressions = choice.expressions;
    this.#lease = acquireInstance(client, { role: 'consumer', member: this });
    const { instance } = this.#lease;
    const clustering = settings.messageModel === MessageModel.CLUSTERING;
    const dir = settings.localOffsetStoreDir ?? defaultLocalOffsetDir();
    const queues = new Map<string, ProcessQueue>();
    const thresholds = {
      ...settings,
      pullThresholdForTopic: -1,
      pullThresholdSizeForTopic: -1,
      consumeConcurrentlyMaxSpan: settings.consumeMaxSpan,
    };
    this.shared = {
      group,
      instance,
      settings: { ...settings, pullInterval: 0, postSubscriptionWhenPull: true },
      offsets: clustering
        ? new RemoteOffsetStore(instance, group)
        : new LocalOffsetStore(dir, instance.clientId, group),
      subscriptions: this.#subscriptions,
      queues,
      clustering,
      retryTopic: undefined,
      startedAt: client.clock.now(),
      litePull: true,
      gateOf: (queue) => this.#gateOf(queue),
      mayPull: (queue) => !this.#isFull() && !isOverThreshold(queue, thresholds, queues, true),
    };
    this.#buffer = new PollBuffer(client.clock, (queue) => !this.#gateOf(queue).isOpen);
    this.#assignment = new QueueAssignment(this.shared, {
      onMessages: (queue, messages) => this.#buffer.add(queue, messages),
      onChange: () => this.rebalanceSoon(),
    });
    this.#rebalancer = new Rebalancer(this.shared, (topic, ours) => this.#assignment.assign(topic, ours));
    for (const [topic, subscription] of choice.subscriptions) this.#watch(topic, subscription);
    for (const { topic } of choice.assigned ?? []) this.#watch(topic, this.#expressionOf(topic));
  }

  get clientId(): string {
    return this.shared.instance.clientId;
  }

  /** Loads the offsets, fetches the routes, tells the brokers, and begins with the queues that are ours. */
  async start(): Promise<void> {
    const { instance, offsets } = this.shared;
    const { clock, logger } = instance.settings;
    try {
      await offsets.load();
      for (const topic of this.#subscriptions.keys()) {
        await instance.routes.refresh(topic).catch((error: unknown) => {
          logger.warn(`The route of topic ${topic} can't be had now, it is tried again`, error);
        });
      }
      await checkSubscriptions(instance, this.group, this.#subscriptions.values());
    } catch (error) {
      await this.#lease.release();
      throw error;
    }
    await instance.heartbeats.sendAll();
    const interval = this.#settings.persistConsumerOffsetInterval;
    this.#timers.push(scheduleEvery(clock, interval, interval, () => void this.#persist()));
    this.#announced = true;
    await (this.#assigned ? this.#assignAll() : this.#rebalancer.now());
  }

  /** Stops pulling, ends polls that wait, stores the committed offsets and leaves the group. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#buffer.close();
    for (const timer of this.#timers) timer.cancel();
    for (const queue of this.shared.queues.values()) this.#gateOf(queue).open();
    await this.#rebalancer.stop();
    await this.#assigning;
    await this.#assignment.stopPulling();
    await this.#persist();
    for (const queue of this.shared.queues.values()) queue.dropped = true;
    this.shared.queues.clear();
    await this.#lease.instance.unregister('consumerGroup', this.group);
    await this.#lease.release();
  }

  /** Changes a subscription while running. */
  async subscribe(topic: string, subscription: SubscriptionData): Promise<void> {
    this.#watch(topic, subscription);
    await this.shared.instance.heartbeats.sendAll();
    await this.#rebalancer.now();
  }

  async unsubscribe(topic: string): Promise<void> {
    if (!this.#subscriptions.delete(topic)) return;
    await this.#assignment.dropUnsubscribed();
    await this.shared.instance.heartbeats.sendAll();
  }

  /** Changes the assigned queues while running. */
  assign(queues: readonly MessageQueue[]): Promise<void> {
    this.#assigned = queues;
    for (const { topic } of queues) this.#watch(topic, this.#expressionOf(topic));
    return this.#assignAll();
  }

  /** The next messages, of one queue; none when there are none within `timeoutMs`. */
  async poll(timeoutMs: number, signal?: AbortSignal): Promise<MessageExt[]> {
    this.#autoCommit();
    const batch = await this.#buffer.next(timeoutMs, signal);
    if (!batch) return [];
    const offset = batch.queue.remove(batch.messages);
    if (offset >= 0) this.#handed.set(batch.queue, offset);
    return [...batch.messages];
  }

  /** Notes what was handed out of these queues, and stores it. @throws RocketMQError when a broker can't be reached */
  async commit(queues: Iterable<ProcessQueue> = this.shared.queues.values()): Promise<void> {
    const committed = [...queues].filter((queue) => this.#note(queue));
    await Promise.all(committed.map((queue) => this.shared.offsets.commit(queue.queue)));
  }

  /** Stores an offset of the application's choice; it is what a later commit of the queue goes on from. */
  async commitOffset(queue: ProcessQueue, offset: number): Promise<void> {
    this.#handed.set(queue, offset);
    await this.commit([queue]);
  }

  /** Goes on with a queue at `offset`. */
  seek(queue: ProcessQueue, offset: number): void {
    this.#assignment.restart(queue, offset, (fresh) => {
      if (!this.#gateOf(queue).isOpen) this.#gateOf(fresh).close();
      this.#handed.set(fresh, offset);
    });
  }

  pause(queue: ProcessQueue): void {
    this.#gateOf(queue).close();
  }

  resume(queue: ProcessQueue): void {
    this.#gateOf(queue).open();
    this.#buffer.wake();
  }

  isPaused(queue: ProcessQueue): boolean {
    return !this.#gateOf(queue).isOpen;
  }

  /** @throws RocketMQError `INVALID_ARGUMENT` when the queue is not ours at the moment */
  owned(queue: MessageQueue): ProcessQueue {
    const owned = this.shared.queues.get(queueKey(queue));
    if (owned) return owned;
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `${queueText(queue)} is not assigned to this consumer of the group ${this.group} now`,
    );
  }

  consumerData(): ConsumerData {
    return {
      groupName: this.group,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: this.#settings.messageModel,
      consumeFromWhere: this.#settings.consumeFromWhere,
      // Who has chosen queues shares none.
      subscriptionDataSet: this.#assigned ? [] : [...this.#subscriptions.values()],
      unitMode: false,
    };
  }

  rebalanceSoon(): void {
    if (!this.#announced || this.#stopped) return;
    void (this.#assigned ? this.#assignAll() : this.#rebalancer.now());
  }

  async resetOffsets(topic: string, offsets: readonly QueueEntry<number>[]): Promise<void> {
    for (const { queue, value } of offsets) {
      const ours = this.shared.queues.get(queueKey(queue));
      if (!ours || queue.topic !== topic) continue;
      this.seek(ours, value);
      await this.commit([this.owned(queue)]);
    }
  }

  offsets(topic: string): QueueEntry<number>[] {
    const ours = [...this.shared.queues.values()].filter(({ queue }) => queue.topic === topic);
    return ours.map(({ queue }) => ({ queue, value: this.shared.offsets.inMemory(queue) ?? -1 }));
  }

  runningInfo(): ConsumerRunningInfo {
    const type = { consumeType: 'CONSUME_ACTIVELY', orderly: false, concurrency: 0 } as const;
    return consumerRunningInfo(this.shared, type);
  }

  consumeDirectly(): Promise<ConsumeMessageDirectlyResult> {
    const text = `The consumer group <${this.group}> pulls: it has no listener to hand a message to`;
    return Promise.reject(new ResponseError(ResponseCode.SYSTEM_ERROR, text));
  }

  #autoCommit(): void {
    const now = this.shared.instance.settings.clock.now();
    if (!this.#settings.autoCommit || now < this.#nextAutoCommit) return;
    this.#nextAutoCommit = now + this.#settings.autoCommitIntervalMillis;
    for (const queue of this.shared.queues.values()) this.#note(queue);
  }

  /** Notes how far a queue was handed out. @returns whether there is something to store */
  #note(queue: ProcessQueue): boolean {
    const offset = this.#handed.get(queue);
    if (offset === undefined || queue.dropped) return false;
    this.shared.offsets.update(queue.queue, offset, false);
    return true;
  }

  async #persist(): Promise<void> {
    const { offsets, queues, instance } = this.shared;
    try {
      await offsets.persist([...queues.values()].map((queue) => queue.queue));
    } catch (error) {
      instance.settings.logger.error(
        `The offsets of group ${this.group} could not be stored, it is tried again`,
        error,
      );
    }
  }

  /** Puts the application's choice of queues into effect, one choice after the other. */
  #assignAll(): Promise<void> {
    this.#assigning = this.#assigning.then(async () => {
      const wanted = this.#assigned ?? [];
      const topics = new Set(wanted.map(({ topic }) => topic));
      for (const { queue } of this.shared.queues.values()) topics.add(queue.topic);
      let complete = true;
      for (const topic of topics) {
        if (this.#stopped) return;
        const queues = wanted.filter((queue) => queue.topic === topic);
        if (!(await this.#assignment.assign(topic, queues))) complete = false;
      }
      this.#retry?.cancel();
      this.#retry = undefined;
      if (complete || this.#stopped) return;
      const { clock } = this.shared.instance.settings;
      this.#retry = clock.schedule(ASSIGN_RETRY_MS, () => void this.#assignAll());
    });
    return this.#assigning;
  }

  #isFull(): boolean {
    let count = 0;
    for (const queue of this.shared.queues.values()) count += queue.count;
    return count >= this.#settings.pullThresholdForAll;
  }

  #gateOf(queue: ProcessQueue): Gate {
    let gate = this.#gates.get(queue);
    if (!gate) this.#gates.set(queue, (gate = new Gate()));
    return gate;
  }

  #watch(topic: string, subscription: SubscriptionData): void {
    this.#subscriptions.set(topic, subscription);
    this.shared.instance.routes.watch(topic);
  }

  #expressionOf(topic: string): SubscriptionData {
    return this.#expressions.get(topic) ?? { ...buildSubscription(topic, '*'), subVersion: 0 };
  }
}
