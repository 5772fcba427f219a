import type {
  ConsumeMessageDirectlyResult,
  ConsumerData,
  ConsumerRunningInfo,
  MessageQueue,
  QueueEntry,
  RemotingCommand,
  SubscriptionData,
} from '@nest-rocketmq/protocol';
import { retryTopic } from '@nest-rocketmq/protocol';
import { buildSubscription } from '@nest-rocketmq/filter';
import { scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { ClientSettings } from '../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../instance/client-registry.ts';
import type { ConsumerMember } from '../instance/members.ts';
import type { ConsumeMessageHook } from '../trace/hooks.ts';
import { listenWithHooks } from '../trace/run-hooks.ts';
import { observedListener } from '../diagnostics/observed-listener.ts';
import { withoutNamespace } from '../namespace/namespace.ts';
import { checkSubscriptions } from './check-subscriptions.ts';
import { ConsumeCounters } from './consume-counters.ts';
import { consumeDirectly } from './consume-directly.ts';
import { ConsumeConcurrentlyService } from './consume-concurrently-service.ts';
import { ConsumeOrderlyService } from './consume-orderly-service.ts';
import type { ConsumeService } from './consume-service.ts';
import type { ConsumeSettings } from './consumer-options.ts';
import { consumerRunningInfo } from './consumer-status.ts';
import { MessageModel, type PushListener } from './consumer-types.ts';
import { Gate } from './gate.ts';
import { defaultLocalOffsetDir, LocalOffsetStore } from './local-offset-store.ts';
import { MessageReturner } from './message-returner.ts';
import { PopRuntime } from './pop/pop-runtime.ts';
import { OrderlyQueues } from './orderly-queues.ts';
import { isOverThreshold } from './pull-threshold.ts';
import type { PushGroup } from './push-group.ts';
import { QueueAssignment } from './queue-assignment.ts';
import { QueueLocker } from './queue-locker.ts';
import type { ProcessQueue } from './process-queue.ts';
import { Rebalancer, type Assign } from './rebalancer.ts';
import { RemoteOffsetStore } from './remote-offset-store.ts';

/** A push consumer that runs: everything that exists between its start and its shutdown. */
export class PushRuntime implements ConsumerMember {
  readonly group: string;
  readonly #lease: InstanceLease;
  readonly #shared: PushGroup;
  readonly #gate = new Gate();
  readonly #listener: PushListener;
  readonly #subscriptions: Map<string, SubscriptionData>;
  readonly #counters: ConsumeCounters;
  readonly #consume: ConsumeService;
  readonly #assignment: QueueAssignment;
  /** Where queues are consumed in order and shared. */
  readonly #locks: { locker: QueueLocker; queues: OrderlyQueues } | undefined;
  /** Where the brokers share the queues, and may have them popped. */
  readonly #pop: PopRuntime | undefined;
  readonly #rebalancer: Rebalancer;
  readonly #timers: Scheduled[] = [];
  /** Whether the brokers have been told of the group: before, they know no members to share the queues among. */
  #announced = false;

  /** @throws RocketMQError `INVALID_CONFIG` when the group is in the named client already */
  constructor(
    group: string,
    client: ClientSettings,
    settings: ConsumeSettings,
    subscriptions: ReadonlyMap<string, SubscriptionData>,
    listener: PushListener,
    hooks: readonly ConsumeMessageHook[] = [],
  ) {
    this.group = group;
    this.#listener = listener;
    this.#subscriptions = new Map(subscriptions);
    this.#lease = acquireInstance(client, { role: 'consumer', member: this });
    const { instance } = this.#lease;
    const clustering = settings.messageModel === MessageModel.CLUSTERING;
    const dir = settings.localOffsetStoreDir ?? defaultLocalOffsetDir();
    const now = client.clock.now();
    if (clustering)
      this.#subscriptions.set(retryTopic(group), this.#subscription(retryTopic(group), '*', 'TAG', now));
    const queues = new Map<string, ProcessQueue>();
    const locker =
      (listener.orderly || settings.lockQueues) && clustering
        ? new QueueLocker({ group, instance, queues }, (queue) => this.#lockLost(queue))
        : undefined;
    this.#shared = {
      group,
      instance,
      settings,
      offsets: clustering
        ? new RemoteOffsetStore(instance, group)
        : new LocalOffsetStore(dir, instance.clientId, group),
      subscriptions: this.#subscriptions,
      queues,
      clustering,
      orderly: listener.orderly,
      litePull: false,
      retryTopic: clustering ? retryTopic(group) : undefined,
      startedAt: now,
      gateOf: () => this.#gate,
      mayPull: (queue) =>
        (locker?.isValid(queue) ?? true) && !isOverThreshold(queue, settings, queues, !listener.orderly),
    };
    this.#counters = new ConsumeCounters(client.clock);
    const returner = new MessageReturner(this.#shared);
    const { clock, logger } = client;
    const { consumeTimeout } = settings;
    const hooked =
      hooks.length === 0
        ? listener
        : listenWithHooks(listener, { group, hooks, clock, logger, consumeTimeout });
    const heard = observedListener(hooked, {
      consumerGroup: withoutNamespace(client.namespace, group),
      namespace: client.namespace,
      messageModel: settings.messageModel,
      maxReconsumeTimes: settings.maxReconsumeTimes,
      clientId: () => instance.clientId,
    });
    this.#consume = heard.orderly
      ? new ConsumeOrderlyService(this.#shared, heard.listen, returner, this.#counters, locker)
      : new ConsumeConcurrentlyService(this.#shared, heard.listen, returner, this.#counters);
    const onChange = (): void => this.rebalanceSoon();
    const ordered = locker && new OrderlyQueues(this.#shared, this.#consume, locker, onChange);
    this.#locks = locker && ordered && { locker, queues: ordered };
    this.#assignment = new QueueAssignment(this.#shared, {
      onMessages: (queue, messages) => this.#consume.submit(queue, messages),
      onChange,
      ...(ordered
        ? {
            acquire: (queue: MessageQueue) => ordered.acquire(queue),
            release: (queue: ProcessQueue) => ordered.release(queue),
          }
        : {}),
    });
    const assign: Assign = (topic, queues) => this.#assignment.assign(topic, queues);
    this.#pop =
      clustering && !heard.orderly && !locker && !settings.clientRebalance
        ? new PopRuntime(this.#shared, this.#gate, assign, {
            listener: heard.listen,
            returner,
            counters: this.#counters,
            subscriptions: this.#subscriptions,
          })
        : undefined;
    const pop = this.#pop;
    this.#rebalancer = new Rebalancer(
      this.#shared,
      assign,
      pop && ((topic, route) => pop.share(topic, route)),
    );
    for (const topic of this.#subscriptions.keys()) instance.routes.watch(topic);
  }

  get clientId(): string {
    return this.#shared.instance.clientId;
  }

  /** Loads the offsets, fetches the routes, tells the brokers, and begins with the queues that are ours. */
  async start(): Promise<void> {
    const { instance, settings, offsets } = this.#shared;
    const { clock } = instance.settings;
    try {
      await offsets.load();
    } catch (error) {
      await this.#lease.release();
      throw error;
    }
    await this.#refreshRoutes();
    try {
      await checkSubscriptions(instance, this.group, this.#subscriptions.values());
    } catch (error) {
      await this.#lease.release();
      throw error;
    }
    await instance.heartbeats.sendAll();
    this.#timers.push(
      scheduleEvery(
        clock,
        settings.persistConsumerOffsetInterval,
        settings.persistConsumerOffsetInterval,
        () => {
          void this.#persist();
        },
      ),
      scheduleEvery(clock, settings.consumeTimeout, settings.consumeTimeout, () => void this.#returnStuck()),
    );
    this.#locks?.locker.start();
    this.#announced = true;
    await this.#rebalancer.now();
  }

  /**
   * Stops pulling, waits for the listener calls that have begun, stores the offsets and leaves the group.
   * @returns false when some calls still ran after `drainMs`: their messages come again
   */
  async shutdown(drainMs: number): Promise<boolean> {
    const { queues } = this.#shared;
    this.#gate.open();
    await this.#rebalancer.stop();
    await Promise.all([this.#assignment.stopPulling(), this.#pop?.stopPopping()]);
    const results = await Promise.all([this.#consume.stop(drainMs), this.#pop?.stop(drainMs)]);
    const drained = !results.includes(false);
    for (const timer of this.#timers) timer.cancel();
    this.#locks?.locker.stop();
    await this.#persist();
    for (const queue of queues.values()) queue.dropped = true;
    await this.#locks?.queues.stop();
    queues.clear();
    await this.#lease.instance.unregister('consumerGroup', this.group);
    await this.#lease.release();
    return drained;
  }

  suspend(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
    this.rebalanceSoon();
  }

  /** As many calls at once as the group's settings say by now; those that run end. */
  resized(): void {
    this.#consume.resized();
    this.#pop?.resized();
  }

  get suspended(): boolean {
    return !this.#gate.isOpen;
  }

  /** Changes a subscription while running: brokers are told before the queues are shared anew. */
  async subscribe(topic: string, subscription: SubscriptionData): Promise<void> {
    this.#subscriptions.set(topic, subscription);
    this.#shared.instance.routes.watch(topic);
    // While it starts: it is about to tell them, and to share all there are.
    if (!this.#announced) return;
    await this.#shared.instance.heartbeats.sendAll();
    await this.#rebalancer.now();
  }

  async unsubscribe(topic: string): Promise<void> {
    if (!this.#subscriptions.delete(topic)) return;
    await this.#assignment.dropUnsubscribed();
    await this.#pop?.dropUnsubscribed();
    await this.#shared.instance.heartbeats.sendAll();
  }

  /** The queues that are ours. */
  queues(): MessageQueue[] {
    const pulled = [...this.#shared.queues.values()].map((queue) => queue.queue);
    return [...pulled, ...(this.#pop?.queues() ?? [])];
  }

  checkNameServer(timeoutMs?: number): Promise<void> {
    return this.#shared.instance.checkNameServer(timeoutMs);
  }

  consumerData(): ConsumerData {
    const { settings } = this.#shared;
    return {
      groupName: this.group,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: settings.messageModel,
      consumeFromWhere: settings.consumeFromWhere,
      subscriptionDataSet: [...this.#subscriptions.values()],
      unitMode: false,
    };
  }

  rebalanceSoon(): void {
    if (this.#announced) void this.#rebalancer.now();
  }

  async resetOffsets(topic: string, offsets: readonly QueueEntry<number>[]): Promise<void> {
    await this.#assignment.move(offsets.filter(({ queue }) => queue.topic === topic));
    this.rebalanceSoon();
  }

  offsets(topic: string): QueueEntry<number>[] {
    const ours = this.queues().filter((queue) => queue.topic === topic);
    return ours.map((queue) => ({ queue, value: this.#shared.offsets.inMemory(queue) ?? -1 }));
  }

  runningInfo(): ConsumerRunningInfo {
    const { orderly, settings } = this.#shared;
    const type = { consumeType: 'CONSUME_PASSIVELY', orderly, concurrency: settings.concurrency } as const;
    return {
      ...consumerRunningInfo(this.#shared, type, this.#counters),
      mqPopTable: this.#pop?.info() ?? [],
    };
  }

  consumeDirectly(
    request: RemotingCommand,
    brokerName: string | undefined,
  ): Promise<ConsumeMessageDirectlyResult> {
    return consumeDirectly(this.#shared, this.#listener, request, brokerName);
  }

  #subscription(topic: string, expression: string, type: string, version: number): SubscriptionData {
    return { ...buildSubscription(topic, expression, type), subVersion: version };
  }

  async #refreshRoutes(): Promise<void> {
    const { routes, settings } = this.#shared.instance;
    for (const topic of this.#subscriptions.keys()) {
      try {
        await routes.refresh(topic);
      } catch (error) {
        settings.logger.warn(`The route of topic ${topic} can't be had now, it is tried again`, error);
      }
    }
  }

  /** Another member may have consumed the queue since: it is begun with anew, at the offset that is stored. */
  #lockLost(queue: ProcessQueue): void {
    void this.#assignment.drop(queue, false).then(() => this.rebalanceSoon());
  }

  async #persist(): Promise<void> {
    const { offsets, queues, instance } = this.#shared;
    try {
      await offsets.persist([...queues.values()].map((queue) => queue.queue));
    } catch (error) {
      instance.settings.logger.error(
        `The offsets of group ${this.group} could not be stored, it is tried again`,
        error,
      );
    }
  }

  async #returnStuck(): Promise<void> {
    if (this.#shared.retryTopic === undefined) return;
    for (const queue of this.#shared.queues.values()) await this.#consume.returnStuck(queue);
  }
}
