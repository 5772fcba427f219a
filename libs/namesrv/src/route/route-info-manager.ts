import { printable, silentLogger, systemClock, type Clock, type Logger } from '@nest-rocketmq/runtime';
import type { Connection } from '@nest-rocketmq/remoting';
import {
  sameDataVersion,
  type BrokerData,
  type ClusterInfo,
  type DataVersion,
  type QueueData,
  type TopicConfig,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import type { NamesrvConfig } from '../config/namesrv-config.ts';
import { presentActingMasters } from './acting-master.ts';
import { BrokerAddrTable, minBrokerId } from './broker-addr-table.ts';
import { BrokerLiveTable, type LiveBroker } from './broker-live-table.ts';
import { TopicQueueTable, withoutWrite } from './topic-queue-table.ts';

const MASTER_ID = 0;
const DEFAULT_TIMEOUT_MILLIS = 120_000;

/** What a broker says of itself with code 103. */
export interface Registration {
  clusterName: string;
  brokerAddr: string;
  brokerName: string;
  brokerId: number;
  haServerAddr: string;
  /** Undefined in 4.x: 120 s. */
  heartbeatTimeoutMillis?: number | undefined;
  /** Undefined: a 4.x broker. */
  enableActingMaster?: boolean | undefined;
  zoneName?: string | undefined;
  topics: ReadonlyMap<string, TopicConfig>;
  dataVersion: DataVersion;
  filterServers: readonly string[];
}

/** What a slave is told about its master; empty for a master. */
export interface RegistrationResult {
  haServerAddr?: string;
  masterAddr?: string;
}

/** The smallest id of a broker's members changed: who is told what (code 905). */
export interface MinBrokerIdChange {
  brokerName: string;
  minBrokerId: number;
  minBrokerAddr: string;
  offlineBrokerAddr?: string;
  haBrokerAddr?: string;
  notify: string[];
}

/**
 * All routes of a NameServer: which brokers live, which topics they hold (RouteInfoManager). All in memory, all built
 * from what brokers register.
 */
export class RouteInfoManager {
  readonly #config: () => NamesrvConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #brokers = new BrokerAddrTable();
  readonly #live = new BrokerLiveTable();
  readonly #topics: TopicQueueTable;
  readonly #onRouteChange: (topic: string | undefined) => void;
  readonly #onMinBrokerIdChange: (change: MinBrokerIdChange) => void;

  /**
   * @param parts.onRouteChange called when the route of a topic changed; without a topic: any may have
   * @param parts.onMinBrokerIdChange called with the members to tell, when `notifyMinBrokerIdChanged` is on
   */
  constructor(
    config: () => NamesrvConfig,
    parts: {
      clock?: Clock;
      logger?: Logger;
      onRouteChange?: (topic: string | undefined) => void;
      onMinBrokerIdChange?: (change: MinBrokerIdChange) => void;
    } = {},
  ) {
    this.#config = config;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    this.#onRouteChange = parts.onRouteChange ?? (() => {});
    this.#onMinBrokerIdChange = parts.onMinBrokerIdChange ?? (() => {});
    this.#topics = new TopicQueueTable(this.#onRouteChange);
  }

  get brokers(): BrokerAddrTable {
    return this.#brokers;
  }

  get topics(): TopicQueueTable {
    return this.#topics;
  }

  /**
   * Takes a broker's registration over. @returns undefined when it is refused: a broker that is not known yet and comes
   * with a single topic would have an incomplete route
   */
  register(broker: Registration, connection: Connection): RegistrationResult | undefined {
    const { clusterName, brokerName, brokerId, brokerAddr } = broker;
    const known = this.#brokers.get(brokerName);
    if (this.#isOutdated(broker, known)) {
      this.#logger.warn(`${who(broker)} has an older state than the one registered as ${brokerId}: ignored`);
      this.#live.delete(clusterName, brokerAddr);
      return {};
    }
    if (known?.brokerAddrs.has(brokerId) !== true && broker.topics.size === 1) {
      this.#logger.warn(`${who(broker)} was refused: a single topic before its first full registration`);
      return undefined;
    }

    const data = this.#brokers.open(clusterName, brokerName);
    const before = minBrokerId(data);
    const changed = this.#enterAddress(data, broker);
    const previous = this.#live.get(clusterName, brokerAddr);
    if (brokerId === MASTER_ID) this.#enterTopics(data, broker, changed || !previous, false);
    else if (broker.enableActingMaster !== undefined && brokerId === minBrokerId(data)) {
      this.#enterTopics(data, broker, changed || !previous, broker.enableActingMaster);
    }
    const isNew = this.#live.put({
      clusterName,
      brokerName,
      brokerId,
      brokerAddr,
      haServerAddr: broker.haServerAddr,
      timeoutMillis: broker.heartbeatTimeoutMillis ?? DEFAULT_TIMEOUT_MILLIS,
      dataVersion: broker.dataVersion,
      connection,
      filterServers: broker.filterServers,
      lastUpdateTimestamp: this.#clock.now(),
    });
    if (isNew) this.#logger.info(`${who(broker)} registered`);
    if (isNew || changed || !sameTexts(previous?.filterServers, broker.filterServers))
      this.#onRouteChange(undefined);
    if (before !== undefined && brokerId < before) {
      this.#notifyMinBrokerId(data, undefined, broker.haServerAddr);
    }
    return brokerId === MASTER_ID ? {} : this.#masterOf(data);
  }

  /** Takes a broker out of all routes: code 104, its connection closed, or its time ran out. */
  unregister(broker: Pick<LiveBroker, 'clusterName' | 'brokerName' | 'brokerAddr' | 'brokerId'>): void {
    const { clusterName, brokerName, brokerAddr, brokerId } = broker;
    this.#live.delete(clusterName, brokerAddr);
    const data = this.#brokers.get(brokerName);
    if (!data) return;
    const wasMin = minBrokerId(data) === brokerId;
    const gone = this.#brokers.removeAddr(clusterName, brokerName, brokerAddr);
    this.#logger.info(`${who(broker)} unregistered`);
    if (gone) this.#topics.deleteBroker(brokerName);
    else {
      if (data.enableActingMaster === true && !data.brokerAddrs.has(MASTER_ID)) {
        this.#topics.changePerm(brokerName, withoutWrite);
      }
      if (wasMin && data.enableActingMaster === true) this.#notifyMinBrokerId(data, brokerAddr, undefined);
    }
    this.#onRouteChange(undefined);
  }

  /** Takes the brokers out that were alive on this connection. */
  connectionClosed(connection: Connection): void {
    for (const broker of this.#live.on(connection)) this.unregister(broker);
  }

  /** Takes the brokers out that were silent for too long, and closes their connections. */
  expireSilentBrokers(): void {
    for (const broker of this.#live.expired(this.#clock.now())) {
      this.#logger.warn(`${who(broker)} was silent for ${broker.timeoutMillis} ms: taken out of all routes`);
      this.unregister(broker);
      broker.connection.close(`silent for ${broker.timeoutMillis} ms`);
    }
  }

  /** A sign of life without news (codes 904 and 322). */
  touch(clusterName: string, brokerAddr: string): void {
    const broker = this.#live.get(clusterName, brokerAddr);
    if (broker) broker.lastUpdateTimestamp = this.#clock.now();
  }

  /** The version of the topics that a broker registered last. */
  dataVersion(clusterName: string, brokerAddr: string): DataVersion | undefined {
    return this.#live.get(clusterName, brokerAddr)?.dataVersion;
  }

  /** Enters the queues of one topic, when all their brokers are known (code 217). */
  registerTopic(topic: string, queues: readonly QueueData[]): void {
    if (queues.some((queue) => !this.#brokers.get(queue.brokerName))) {
      this.#logger.warn(`Topic ${printable(topic)} was not registered: one of its brokers is not known`);
      return;
    }
    for (const queue of queues) this.#topics.put(topic, queue);
  }

  /** Removes a topic, everywhere or in one cluster (code 216). */
  deleteTopic(topic: string, clusterName?: string): void {
    if (clusterName === undefined) this.#topics.delete(topic);
    else {
      const names = this.#brokers.clusters.get(clusterName);
      if (names) this.#topics.delete(topic, names);
    }
  }

  /** The route of a topic, without the order configuration; undefined when no living broker holds it. */
  route(topic: string): TopicRouteData | undefined {
    const queues = this.#topics.get(topic);
    if (!queues) return undefined;
    const brokerDatas: BrokerData[] = [];
    const filterServerTable = new Map<string, string[]>();
    for (const brokerName of queues.keys()) {
      const broker = this.#brokers.get(brokerName);
      if (!broker) continue;
      brokerDatas.push({ ...broker, brokerAddrs: new Map(broker.brokerAddrs) });
      for (const address of broker.brokerAddrs.values()) {
        const filterServers = this.#live.get(broker.cluster, address)?.filterServers ?? [];
        if (filterServers.length > 0) filterServerTable.set(address, [...filterServers]);
      }
    }
    if (brokerDatas.length === 0) return undefined;
    const route = { queueDatas: [...queues.values()], brokerDatas, filterServerTable };
    return this.#config().supportActingMaster ? presentActingMasters(topic, route) : route;
  }

  /** All clusters and brokers (code 106). */
  clusterInfo(): ClusterInfo {
    const clusterAddrTable = new Map<string, string[]>();
    for (const [cluster, names] of this.#brokers.clusters) clusterAddrTable.set(cluster, [...names]);
    return { brokerAddrTable: new Map(this.#brokers.brokers), clusterAddrTable };
  }

  /** The topics that the brokers of a cluster hold (code 224). */
  topicsOfCluster(clusterName: string): string[] {
    const names = this.#brokers.clusters.get(clusterName) ?? [];
    return [...new Set([...names].flatMap((name) => this.#topics.topicsOf(name)))];
  }

  /** Another address under the same name and id is alive and further on: a second master by mistake. */
  #isOutdated(broker: Registration, known: BrokerData | undefined): boolean {
    const other = known?.brokerAddrs.get(broker.brokerId);
    if (other === undefined || other === broker.brokerAddr) return false;
    const live = this.#live.get(broker.clusterName, other);
    return live !== undefined && live.dataVersion.stateVersion > broker.dataVersion.stateVersion;
  }

  /** @returns whether the addresses of the broker are different now */
  #enterAddress(data: BrokerData, broker: Registration): boolean {
    const actingMaster = broker.enableActingMaster === true;
    let changed = data.enableActingMaster !== actingMaster || data.zoneName !== broker.zoneName;
    data.enableActingMaster = actingMaster;
    if (broker.zoneName === undefined) delete data.zoneName;
    else data.zoneName = broker.zoneName;
    // One address has one id: a slave that became the master leaves its old one.
    for (const [id, address] of data.brokerAddrs) {
      if (address !== broker.brokerAddr || id === broker.brokerId) continue;
      data.brokerAddrs.delete(id);
      changed = true;
    }
    if (data.brokerAddrs.get(broker.brokerId) !== broker.brokerAddr) {
      data.brokerAddrs.set(broker.brokerId, broker.brokerAddr);
      changed = true;
    }
    return changed;
  }

  #enterTopics(data: BrokerData, broker: Registration, first: boolean, readOnly: boolean): void {
    const last = this.dataVersion(broker.clusterName, broker.brokerAddr);
    const all = first || last === undefined || !sameDataVersion(last, broker.dataVersion);
    if (this.#config().deleteTopicWithBrokerRegistration) {
      for (const topic of this.#topics.topicsOf(data.brokerName)) {
        if (!broker.topics.has(topic)) this.#topics.delete(topic, [data.brokerName]);
      }
    }
    for (const config of broker.topics.values()) {
      if (!all && this.#topics.has(config.topicName, data.brokerName)) continue;
      this.#topics.update(
        data.brokerName,
        readOnly ? { ...config, perm: withoutWrite(config.perm) } : config,
      );
    }
  }

  #masterOf(data: BrokerData): RegistrationResult {
    const masterAddr = data.brokerAddrs.get(MASTER_ID);
    const master = masterAddr === undefined ? undefined : this.#live.get(data.cluster, masterAddr);
    return master ? { masterAddr: master.brokerAddr, haServerAddr: master.haServerAddr } : {};
  }

  #notifyMinBrokerId(
    data: BrokerData,
    offlineBrokerAddr: string | undefined,
    haBrokerAddr: string | undefined,
  ): void {
    const minId = minBrokerId(data);
    const minBrokerAddr = minId === undefined ? undefined : data.brokerAddrs.get(minId);
    if (minId === undefined || minBrokerAddr === undefined || !this.#config().notifyMinBrokerIdChanged)
      return;
    const members = [...data.brokerAddrs.values()];
    // After a loss everyone left is told; after an arrival those that were there before.
    const everyone = offlineBrokerAddr !== undefined || members.length === 1;
    this.#onMinBrokerIdChange({
      brokerName: data.brokerName,
      minBrokerId: minId,
      minBrokerAddr,
      ...(offlineBrokerAddr === undefined ? {} : { offlineBrokerAddr }),
      ...(haBrokerAddr === undefined ? {} : { haBrokerAddr }),
      notify: everyone ? members : members.filter((address) => address !== minBrokerAddr),
    });
  }
}

function who(broker: Pick<LiveBroker, 'clusterName' | 'brokerName' | 'brokerAddr'>): string {
  return printable(`Broker ${broker.brokerName} (${broker.brokerAddr}, cluster ${broker.clusterName})`);
}

function sameTexts(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a?.length === b.length && a.every((text, i) => text === b[i]);
}
