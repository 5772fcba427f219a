import type { Connection } from '@nest-rocketmq/remoting';
import type { DataVersion } from '@nest-rocketmq/protocol';

/** One registered broker process, known by its cluster and address. */
export interface LiveBroker {
  readonly clusterName: string;
  readonly brokerAddr: string;
  readonly brokerName: string;
  readonly brokerId: number;
  readonly haServerAddr: string;
  /** Milliseconds without a sign of life after which it is taken out. */
  readonly timeoutMillis: number;
  /** The version of the topics it registered last. */
  readonly dataVersion: DataVersion;
  /** Where its registrations come from; closing it takes the broker out at once. */
  readonly connection: Connection;
  readonly filterServers: readonly string[];
  /** Milliseconds since the epoch. */
  lastUpdateTimestamp: number;
}

/** The brokers that are alive, and the connections they are alive on (RouteInfoManager's brokerLiveTable). */
export class BrokerLiveTable {
  readonly #brokers = new Map<string, LiveBroker>();
  readonly #byConnection = new Map<Connection, Set<LiveBroker>>();

  get(clusterName: string, brokerAddr: string): LiveBroker | undefined {
    return this.#brokers.get(key(clusterName, brokerAddr));
  }

  /** Takes a registration over in place of the broker's last one. @returns whether it is a new broker */
  put(broker: LiveBroker): boolean {
    const known = this.get(broker.clusterName, broker.brokerAddr);
    if (known) this.#forget(known);
    this.#brokers.set(key(broker.clusterName, broker.brokerAddr), broker);
    const sharing = this.#byConnection.get(broker.connection);
    if (sharing) sharing.add(broker);
    else this.#byConnection.set(broker.connection, new Set([broker]));
    return !known;
  }

  /** Takes a broker out. @returns it, when it was there */
  delete(clusterName: string, brokerAddr: string): LiveBroker | undefined {
    const known = this.get(clusterName, brokerAddr);
    if (!known) return undefined;
    this.#brokers.delete(key(clusterName, brokerAddr));
    this.#forget(known);
    return known;
  }

  /** The brokers whose registration came from this connection. */
  on(connection: Connection): LiveBroker[] {
    return [...(this.#byConnection.get(connection) ?? [])];
  }

  /** The brokers that gave no sign of life for their time. */
  expired(now: number): LiveBroker[] {
    return [...this.#brokers.values()].filter(
      (broker) => broker.lastUpdateTimestamp + broker.timeoutMillis < now,
    );
  }

  get size(): number {
    return this.#brokers.size;
  }

  #forget(broker: LiveBroker): void {
    const sharing = this.#byConnection.get(broker.connection);
    sharing?.delete(broker);
    if (sharing?.size === 0) this.#byConnection.delete(broker.connection);
  }
}

function key(clusterName: string, brokerAddr: string): string {
  return `${clusterName}\n${brokerAddr}`;
}
