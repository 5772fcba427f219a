import type { ConsumerData, SubscriptionData } from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { ClientChannel } from './client-channel.ts';

/** How a group consumes, as its members' heartbeats say. */
export type ConsumeBehaviour = Pick<ConsumerData, 'consumeType' | 'messageModel' | 'consumeFromWhere'>;

/** The members and subscriptions of one consumer group that is online (ConsumerGroupInfo). */
export class ConsumerGroup {
  readonly name: string;
  behaviour: ConsumeBehaviour;
  readonly #channels = new Map<Connection, ClientChannel>();
  readonly #subscriptions = new Map<string, SubscriptionData>();

  constructor(name: string, behaviour: ConsumeBehaviour) {
    this.name = name;
    this.behaviour = behaviour;
  }

  get channels(): ReadonlyMap<Connection, ClientChannel> {
    return this.#channels;
  }

  get subscriptions(): ReadonlyMap<string, SubscriptionData> {
    return this.#subscriptions;
  }

  /** Every member once, however many connections it has. */
  clientIds(): string[] {
    return [...new Set([...this.#channels.values()].map((channel) => channel.clientId))];
  }

  /** Adds a member, or notes that it is alive. @returns whether the members changed */
  join(channel: ClientChannel): boolean {
    const known = this.#channels.get(channel.connection);
    if (known?.clientId === channel.clientId) {
      known.lastHeartbeat = channel.lastHeartbeat;
      return false;
    }
    this.#channels.set(channel.connection, channel);
    return true;
  }

  /** Removes a member. @returns whether it was one */
  leave(connection: Connection): boolean {
    return this.#channels.delete(connection);
  }

  /**
   * Takes over the subscriptions of a heartbeat: of one topic, the one with the larger `subVersion` wins; topics the
   * heartbeat doesn't name are dropped.
   * @returns whether a topic came or went. A new version alone is nothing the other members must hear of
   */
  subscribe(subscriptions: readonly SubscriptionData[]): boolean {
    let changed = false;
    const topics = new Set<string>();
    for (const subscription of subscriptions) {
      topics.add(subscription.topic);
      const known = this.#subscriptions.get(subscription.topic);
      if (!known) changed = true;
      if (!known || subscription.subVersion > known.subVersion)
        this.#subscriptions.set(subscription.topic, subscription);
    }
    for (const topic of this.#subscriptions.keys()) {
      if (!topics.has(topic)) changed = this.#subscriptions.delete(topic) || changed;
    }
    return changed;
  }
}
