const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_';

/** The groups a broker has before any client came (SubscriptionGroupManager.init). */
export const INITIAL_GROUPS: readonly string[] = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
  'CID_RMQ_SYS_TRANS',
];

/** Whether the group is RocketMQ's own by its prefix (MixAll.isSysConsumerGroup). */
export function isSystemGroup(group: string): boolean {
  return group.startsWith(SYSTEM_GROUP_PREFIX);
}
