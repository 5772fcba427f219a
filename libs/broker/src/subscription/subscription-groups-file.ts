import { stringifyJson, SubscriptionGroupConfig, type DataVersion } from '@nest-rocketmq/protocol';
import { dataVersionOf, integer, member, members } from '../config/json-fields.ts';

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
  const groups = members(member(value, 'subscriptionGroupTable')).map(([name, entry]) =>
    readGroup(name, entry),
  );
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

/** A group as Java wrote it, retry policy and fixed subscriptions too. */
function readGroup(name: string, entry: unknown): SubscriptionGroupConfig {
  const group = SubscriptionGroupConfig.decode(Buffer.from(stringifyJson(entry)));
  return { ...group, groupName: group.groupName || name };
}
