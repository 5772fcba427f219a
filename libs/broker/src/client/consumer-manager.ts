import { type Clock, type Logger, printable } from '@nest-rocketmq/runtime';
import {
  NotifyConsumerIdsChanged,
  RemotingCommand,
  RequestCode,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { ClientChannel } from './client-channel.ts';
import { ConsumerGroup, type ConsumeBehaviour } from './consumer-group.ts';

/**
 * The consumers that are connected, by group (ConsumerManager). When a group's members or subscribed topics change,
 * all its members are told (40), so that they share the queues anew; broadcasting groups have nothing to share.
 */
export class ConsumerManager {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #groups = new Map<string, ConsumerGroup>();
  /** The fingerprint of each group's last heartbeat (heartbeat V2). */
  readonly #fingerprints = new Map<string, number>();

  readonly #onGone: (group: string) => void;

  /** @param onGone called when the last member of a group has gone */
  constructor(clock: Clock, logger: Logger, onGone: (group: string) => void = () => undefined) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onGone = onGone;
  }

  /** The group when at least one member is online. */
  group(name: string): ConsumerGroup | undefined {
    return this.#groups.get(name);
  }

  /** The groups that are online. */
  get groups(): ReadonlyMap<string, ConsumerGroup> {
    return this.#groups;
  }

  /**
   * Takes over a heartbeat of a member.
   * @param subscriptions undefined for the light heartbeat of V2, which leaves them as they are
   * @param notify whether the group's members are to hear of a change
   * @returns whether members or topics changed
   */
  register(
    name: string,
    channel: ClientChannel,
    behaviour: ConsumeBehaviour,
    subscriptions: readonly SubscriptionData[] | undefined,
    notify: boolean,
  ): boolean {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = new ConsumerGroup(name, behaviour)));
    group.behaviour = behaviour;
    const joined = group.join(channel);
    const subscribed = subscriptions !== undefined && group.subscribe(subscriptions);
    if ((joined || subscribed) && notify) this.#tellMembers(group);
    return joined || subscribed;
  }

  /** Removes a member (code 35). */
  unregister(name: string, connection: Connection, notify: boolean): void {
    const group = this.#groups.get(name);
    if (!group?.leave(connection)) return;
    if (group.channels.size === 0) {
      this.#groups.delete(name);
      this.#fingerprints.delete(name);
      this.#onGone(name);
    } else if (notify) {
      this.#tellMembers(group);
    }
  }

  /**
   * Removes every registration of a connection that went away.
   * @param notify whether a group's members are to hear of it
   */
  onConnectionClosed(connection: Connection, notify: (group: string) => boolean): void {
    for (const name of this.#groups.keys()) this.unregister(name, connection, notify(name));
  }

  /** Removes the members that were not heard of since `since`, and closes their connections. */
  expire(since: number, notify: (group: string) => boolean): void {
    for (const [name, group] of this.#groups) {
      for (const channel of group.channels.values()) {
        if (channel.lastHeartbeat >= since) continue;
        this.#logger.warn(
          `Consumer ${printable(channel.clientId)} of group ${printable(name)} sent no heartbeat: removed`,
        );
        this.unregister(name, channel.connection, notify(name));
        channel.connection.close('no heartbeat');
      }
    }
  }

  /**
   * Remembers the fingerprint of a group's subscriptions (heartbeat V2; 0 for a heartbeat without one).
   * @returns whether another one was known
   */
  exchangeFingerprint(name: string, fingerprint: number): boolean {
    const known = this.#fingerprints.get(name);
    this.#fingerprints.set(name, fingerprint);
    return known !== undefined && known !== fingerprint;
  }

  /** The groups online that subscribe to a topic. */
  subscribersOf(topic: string): string[] {
    return [...this.#groups.values()]
      .filter((group) => group.subscriptions.has(topic))
      .map((group) => group.name);
  }

  /** Milliseconds, for the heartbeats. */
  now(): number {
    return this.#clock.now();
  }

  #tellMembers(group: ConsumerGroup): void {
    if (group.behaviour.messageModel === 'BROADCASTING') return;
    for (const connection of group.channels.keys()) {
      const fields = NotifyConsumerIdsChanged.request.encode({ consumerGroup: group.name });
      connection.oneway(
        RemotingCommand.request(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, fields).markOneway(),
      );
    }
  }
}
