import type { DataVersion, SubscriptionGroupConfig } from '@nest-rocketmq/protocol';
import { dataVersionOf, flag, integer, member, members, text, texts } from '../config/json-fields.ts';
import { defaultSubscriptionGroup } from './system-groups.ts';

/** What `subscriptionGroup.json` holds. */
export interface StoredSubscriptionGroups {
  groups: SubscriptionGroupConfig[];
  /** group -> topic -> forbidden bits */
  forbidden: Map<string, Map<string, number>>;
  dataVersion: DataVersion | undefined;
}

/** Reads the value of `subscriptionGroup.json` as 4.9 and 5.x write it; undefined when there is no file. */
export function readSubscriptionGroups(value: unknown): StoredSubscriptionGroups | undefined {
  if (value === undefined) return undefined;
  const forbidden = new Map<string, Map<string, number>>();
  for (const [group, topics] of members(member(value, 'forbiddenTable'))) {
    forbidden.set(group, new Map(members(topics).map(([topic, bits]) => [topic, integer(bits, 0)])));
  }
  const groups = members(member(value, 'subscriptionGroupTable')).map(([name, entry]) => readGroup(name, entry));
  return { groups, forbidden, dataVersion: dataVersionOf(member(value, 'dataVersion')) };
}

/** The value of `subscriptionGroup.json`. */
export function writeSubscriptionGroups(
  groups: ReadonlyMap<string, SubscriptionGroupConfig>,
  forbidden: ReadonlyMap<string, ReadonlyMap<string, number>>,
  dataVersion: DataVersion,
): unknown {
  return { dataVersion, forbiddenTable: forbidden, subscriptionGroupTable: groups };
}

function readGroup(name: string, entry: unknown): SubscriptionGroupConfig {
  const fallback = defaultSubscriptionGroup(name);
  const group: SubscriptionGroupConfig = {
    groupName: text(member(entry, 'groupName'), name),
    consumeEnable: flag(member(entry, 'consumeEnable'), fallback.consumeEnable),
    consumeFromMinEnable: flag(member(entry, 'consumeFromMinEnable'), fallback.consumeFromMinEnable),
    consumeBroadcastEnable: flag(member(entry, 'consumeBroadcastEnable'), fallback.consumeBroadcastEnable),
    consumeMessageOrderly: flag(member(entry, 'consumeMessageOrderly'), false),
    retryQueueNums: integer(member(entry, 'retryQueueNums'), fallback.retryQueueNums),
    retryMaxTimes: integer(member(entry, 'retryMaxTimes'), fallback.retryMaxTimes),
    brokerId: integer(member(entry, 'brokerId'), fallback.brokerId),
    whichBrokerWhenConsumeSlowly: integer(member(entry, 'whichBrokerWhenConsumeSlowly'), 1),
    notifyConsumerIdsChangedEnable: flag(member(entry, 'notifyConsumerIdsChangedEnable'), true),
    groupSysFlag: integer(member(entry, 'groupSysFlag'), 0),
    consumeTimeoutMinute: integer(member(entry, 'consumeTimeoutMinute'), 15),
    attributes: texts(member(entry, 'attributes')),
  };
  return group;
}
