import { PermName, type TopicRouteData } from '@nest-rocketmq/protocol';

const MASTER_ID = 0;
const SYNC_MEMBER_PREFIX = 'rmq_sys_SYNC_BROKER_MEMBER_';

/**
 * Shows the slave with the smallest id as the master of a broker that lost its own (5.x, `supportActingMaster`), so that
 * clients find someone for what a master alone does. The topic is not writable there.
 * @param route a copy: its addresses are changed
 */
export function presentActingMasters(topic: string, route: TopicRouteData): TopicRouteData {
  if (topic.startsWith(SYNC_MEMBER_PREFIX)) return route;
  for (const broker of route.brokerDatas) {
    if (broker.enableActingMaster !== true || broker.brokerAddrs.has(MASTER_ID)) continue;
    const queues = route.queueDatas.find((queue) => queue.brokerName === broker.brokerName);
    if (!queues || (queues.perm & PermName.WRITE) !== 0 || broker.brokerAddrs.size === 0) continue;
    const id = Math.min(...broker.brokerAddrs.keys());
    const address = broker.brokerAddrs.get(id);
    if (address === undefined) continue;
    broker.brokerAddrs.delete(id);
    broker.brokerAddrs.set(MASTER_ID, address);
  }
  return route;
}
