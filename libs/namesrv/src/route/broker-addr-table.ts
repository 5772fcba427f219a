import type { BrokerData } from '@nest-rocketmq/protocol';

/** Which brokers there are, by name and by cluster (RouteInfoManager's brokerAddrTable and clusterAddrTable). */
export class BrokerAddrTable {
  readonly #brokers = new Map<string, BrokerData>();
  readonly #clusters = new Map<string, Set<string>>();

  get(brokerName: string): BrokerData | undefined {
    return this.#brokers.get(brokerName);
  }

  /** The broker of this name, created when it is new; its cluster knows it from now on. */
  open(clusterName: string, brokerName: string): BrokerData {
    const names = this.#clusters.get(clusterName);
    if (names) names.add(brokerName);
    else this.#clusters.set(clusterName, new Set([brokerName]));
    let broker = this.#brokers.get(brokerName);
    if (!broker) {
      broker = { cluster: clusterName, brokerName, brokerAddrs: new Map(), enableActingMaster: false };
      this.#brokers.set(brokerName, broker);
    }
    return broker;
  }

  /** Takes one address of a broker out, and the broker with its last one. @returns whether the name is gone */
  removeAddr(clusterName: string, brokerName: string, brokerAddr: string): boolean {
    const broker = this.#brokers.get(brokerName);
    if (!broker) return false;
    for (const [id, address] of broker.brokerAddrs) {
      if (address === brokerAddr) broker.brokerAddrs.delete(id);
    }
    if (broker.brokerAddrs.size > 0) return false;
    this.#brokers.delete(brokerName);
    const names = this.#clusters.get(clusterName);
    names?.delete(brokerName);
    if (names?.size === 0) this.#clusters.delete(clusterName);
    return true;
  }

  get brokers(): ReadonlyMap<string, BrokerData> {
    return this.#brokers;
  }

  get clusters(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#clusters;
  }
}

/** The smallest id of a broker's addresses: its master's, or its prime slave's; undefined without any. */
export function minBrokerId(broker: BrokerData): number | undefined {
  return broker.brokerAddrs.size === 0 ? undefined : Math.min(...broker.brokerAddrs.keys());
}
