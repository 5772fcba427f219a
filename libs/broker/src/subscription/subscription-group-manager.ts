import { systemClock, type Clock, type Logger, printable, silentLogger } from '@nest-rocketmq/runtime';
import {
  defaultSubscriptionGroupConfig,
  validateGroup,
  type DataVersion,
  type SubscriptionGroupConfig,
  type SubscriptionGroupWrapper,
} from '@nest-rocketmq/protocol';
import type { BrokerConfig } from '../config/broker-config.ts';
import type { ConfigFile } from '../config/config-file.ts';
import { newDataVersion, nextVersion } from '../config/data-version.ts';
import { INITIAL_GROUPS, isSystemGroup } from './system-groups.ts';
import { readSubscriptionGroups, writeSubscriptionGroups } from './subscription-groups-file.ts';

/** What the group table takes from the broker's configuration. */
export type SubscriptionGroupManagerConfig = Pick<
  BrokerConfig,
  'autoCreateSubscriptionGroup' | 'enableCreateSysGroup'
>;

/**
 * The configurations of the consumer groups, kept in `subscriptionGroup.json` (SubscriptionGroupManager). As with the
 * topics, a change is marked and written by {@link flush} at the end of the tick.
 */
export class SubscriptionGroupManager {
  readonly #config: SubscriptionGroupManagerConfig;
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #groups = new Map<string, SubscriptionGroupConfig>();
  /** group -> topic -> bits; what Apache's tools may have put in the file stays there. */
  readonly #forbidden = new Map<string, Map<string, number>>();
  #dataVersion: DataVersion;
  #dirty = false;

  constructor(
    config: SubscriptionGroupManagerConfig,
    file: ConfigFile,
    parts: { clock?: Clock; logger?: Logger } = {},
  ) {
    this.#config = config;
    this.#file = file;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    this.#dataVersion = newDataVersion(this.#clock.now());
    for (const group of INITIAL_GROUPS) this.#groups.set(group, defaultSubscriptionGroupConfig(group));
  }

  /**
   * Reads `subscriptionGroup.json` over the system groups; a missing file leaves those alone.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    const stored = readSubscriptionGroups(this.#file.load());
    if (!stored) return;
    for (const group of stored.groups) this.#groups.set(group.groupName, group);
    for (const [group, topics] of stored.forbidden) this.#forbidden.set(group, topics);
    if (stored.dataVersion) this.#dataVersion = stored.dataVersion;
  }

  /** Writes `subscriptionGroup.json` when something changed since the last call; cheap otherwise. */
  flush(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#file.persist(writeSubscriptionGroups(this.#groups, this.#forbidden, this.#dataVersion));
  }

  /**
   * The group's configuration; created with the defaults when it is unknown, its name is legal, and
   * `autoCreateSubscriptionGroup` is on or it is one of RocketMQ's own groups. Undefined: answer
   * SUBSCRIPTION_GROUP_NOT_EXIST (26).
   */
  find(group: string): SubscriptionGroupConfig | undefined {
    const known = this.#groups.get(group);
    if (known) return known;
    if (!this.#mayCreate(group) || validateGroup(group) !== undefined) return undefined;
    const created = defaultSubscriptionGroupConfig(group);
    this.#logger.info(`Created subscription group ${printable(group)}`);
    this.#groups.set(group, created);
    this.#changed();
    return created;
  }

  /** The group's configuration when it exists: creates nothing. */
  select(group: string): SubscriptionGroupConfig | undefined {
    return this.#groups.get(group);
  }

  /** Creates or replaces a group (code 200). The caller has checked the name and the attributes. */
  update(config: SubscriptionGroupConfig): void {
    this.#groups.set(config.groupName, { ...config });
    this.#changed();
  }

  /** Removes a group (code 207). @returns whether it existed */
  delete(group: string): boolean {
    this.#forbidden.delete(group);
    if (!this.#groups.delete(group)) return false;
    this.#logger.info(`Deleted subscription group ${printable(group)}`);
    this.#changed();
    return true;
  }

  /** Stops a group from consuming; it stays known. */
  disableConsume(group: string): void {
    const known = this.#groups.get(group);
    if (known) this.update({ ...known, consumeEnable: false });
  }

  /** The bits forbidding a group to use a topic; bit 2 forbids reading. 0 when nothing is forbidden. */
  forbidden(group: string, topic: string): number {
    return Math.max(0, this.#forbidden.get(group)?.get(topic) ?? 0);
  }

  /** Replaces the forbidden bits of a group for one topic (code 353); 0 clears them. */
  updateForbidden(group: string, topic: string, bits: number): void {
    const topics = this.#forbidden.get(group) ?? new Map<string, number>();
    if (bits > 0) topics.set(topic, bits);
    else topics.delete(topic);
    if (topics.size > 0) this.#forbidden.set(group, topics);
    else this.#forbidden.delete(group);
    this.#changed();
  }

  /** All groups by name. */
  get groups(): ReadonlyMap<string, SubscriptionGroupConfig> {
    return this.#groups;
  }

  /** The version of the table. */
  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  /** The table as code 201 carries it. */
  wrapper(): SubscriptionGroupWrapper {
    return {
      dataVersion: this.#dataVersion,
      forbiddenTable: this.#forbidden,
      subscriptionGroupTable: this.#groups,
    };
  }

  #mayCreate(group: string): boolean {
    return (
      this.#config.autoCreateSubscriptionGroup || (this.#config.enableCreateSysGroup && isSystemGroup(group))
    );
  }

  #changed(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now());
    this.#dirty = true;
  }
}
