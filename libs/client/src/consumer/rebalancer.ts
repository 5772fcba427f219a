import {
  compareQueues,
  GetConsumerListByGroup,
  GetConsumerListByGroupResponseBody,
} from '@nest-rocketmq/protocol';
import type { Scheduled } from '@nest-rocketmq/runtime';
import type { TopicRoute } from '../instance/topic-route.ts';
import { compareText } from '../message/message-queue.ts';
import type { MessageQueue } from '../message/message.ts';
import type { ConsumerGroup } from './consumer-group.ts';

/** How often queues are shared anew, in milliseconds; sooner after a pass that left something open. */
const INTERVAL_MS = 20_000;
const FIRST_RETRY_MS = 1000;

/** Puts the result of a pass into effect. Resolves to false when a queue could not be begun with. */
export type Assign = (topic: string, queues: readonly MessageQueue[]) => Promise<boolean>;

/**
 * Has a broker share the queues of a topic. Resolves to whether the result is in effect, or to undefined when it doesn't:
 * the members share them then.
 */
export type ShareAtBroker = (topic: string, route: TopicRoute) => Promise<boolean | undefined>;

/**
 * Shares the queues of the subscribed topics among the members of the group (`RebalanceImpl`): every member comes to
 * the same result by itself, from the same sorted lists.
 */
export class Rebalancer {
  readonly #group: ConsumerGroup;
  readonly #assign: Assign;
  readonly #shareAtBroker: ShareAtBroker | undefined;
  /** Topics in whose member list we were missing the last time. */
  readonly #missing = new Set<string>();
  #timer: Scheduled | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #retryMs = FIRST_RETRY_MS;

  constructor(group: ConsumerGroup, assign: Assign, shareAtBroker?: ShareAtBroker) {
    this.#shareAtBroker = shareAtBroker;
    this.#group = group;
    this.#assign = assign;
  }

  /** Shares now; one that is running is followed by another. Resolves when that is done; never rejects. */
  async now(): Promise<void> {
    // Something has changed: what was missing until now may be there soon.
    this.#retryMs = FIRST_RETRY_MS;
    return this.#start();
  }

  async #start(): Promise<void> {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#timer?.cancel();
    this.#running = this.#run();
    return this.#running;
  }

  /** Ends it, after a pass that is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    let balanced: boolean;
    do {
      this.#again = false;
      balanced = await this.#pass();
    } while (this.#again && !this.#stopped);
    // In the same moment: whoever asks from here on is not to wait for a pass that nobody makes.
    this.#running = undefined;
    if (this.#stopped) return;
    const { clock } = this.#group.instance.settings;
    this.#timer = clock.schedule(balanced ? INTERVAL_MS : this.#retryMs, () => void this.#start());
    this.#retryMs = balanced ? FIRST_RETRY_MS : Math.min(INTERVAL_MS, this.#retryMs * 2);
  }

  async #pass(): Promise<boolean> {
    let balanced = true;
    for (const topic of this.#group.subscriptions.keys()) {
      if (this.#stopped) return true;
      try {
        if (!(await this.#shareTopic(topic))) balanced = false;
      } catch (error) {
        balanced = false;
        this.#group.instance.settings.logger.warn(
          `The queues of topic ${topic} could not be shared, it is tried again`,
          error,
        );
      }
    }
    return balanced;
  }

  async #shareTopic(topic: string): Promise<boolean> {
    const { instance, group, settings, clustering } = this.#group;
    const known = instance.routes.get(topic);
    const route = known && !known.provisional ? known : await instance.routes.refresh(topic);
    if (!route || route.provisional) return false;
    const shared = await this.#shareAtBroker?.(topic, route);
    if (shared !== undefined) return shared;
    const queues = [...route.subscribeQueues].sort(compareQueues);
    if (!clustering) return this.#assign(topic, queues);
    const members = await this.#members(route.brokerAddresses());
    if (!members) return false;
    if (!members.includes(instance.clientId)) {
      // A broker that was just restarted has not heard of us yet: it is told before the queues are given up.
      const first = !this.#missing.has(topic);
      this.#missing.add(topic);
      await instance.heartbeats.sendAll();
      if (first) return false;
    } else {
      this.#missing.delete(topic);
    }
    members.sort(compareText);
    const ours = settings.allocateStrategy.allocate(group, instance.clientId, queues, members);
    return (await this.#assign(topic, ours)) && !this.#missing.has(topic);
  }

  /** The ids of the group's members, from any broker of the topic: all members tell all brokers. */
  async #members(addresses: readonly string[]): Promise<string[] | undefined> {
    const { instance, group } = this.#group;
    const start = Math.floor(Math.random() * addresses.length);
    let failure: unknown;
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[(start + i) % addresses.length] ?? '';
      try {
        const answer = await instance.call(address, GetConsumerListByGroup, { consumerGroup: group });
        return GetConsumerListByGroupResponseBody.decode(answer.body).consumerIdList;
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }
}
