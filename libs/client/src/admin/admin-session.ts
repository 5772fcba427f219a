import { ClusterInfo, GetBrokerClusterInfo, MixAll, type MessageQueue } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { TopicRoute } from '../instance/topic-route.ts';

/** Which brokers a command is for; without any of them the masters of all clusters. */
export interface AdminTarget {
  /** The masters of this cluster. */
  cluster?: string | undefined;
  /** This one broker, by its `host:port`. */
  broker?: string | undefined;
}

/** What the parts of the admin do their work by: finding the brokers that a command is for. */
export class AdminSession {
  readonly instance: ClientInstance;

  constructor(instance: ClientInstance) {
    this.instance = instance;
  }

  /** All brokers, as the NameServer knows them. */
  async clusterInfo(): Promise<ClusterInfo> {
    return ClusterInfo.decode((await this.instance.callNameServer(GetBrokerClusterInfo, {})).body);
  }

  /**
   * The addresses a command goes to.
   * @throws RocketMQError `NO_BROKER` when there is none
   */
  async targets(target: AdminTarget = {}): Promise<string[]> {
    if (target.broker !== undefined) return [target.broker];
    const { brokerAddrTable, clusterAddrTable } = await this.clusterInfo();
    const names =
      target.cluster === undefined ? brokerAddrTable.keys() : (clusterAddrTable.get(target.cluster) ?? []);
    const addresses = [...names].flatMap(
      (name) => brokerAddrTable.get(name)?.brokerAddrs.get(MixAll.MASTER_ID) ?? [],
    );
    if (addresses.length > 0) return addresses;
    const where = target.cluster === undefined ? 'no cluster' : `the cluster ${target.cluster}`;
    throw new RocketMQError(
      'NO_BROKER',
      `The NameServer ${this.instance.nameServers.text} knows ${where} with a master: start a broker with its -n option`,
      { responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION },
    );
  }

  /** The route of a topic, asked for now. @throws RocketMQError `NO_ROUTE` */
  async route(topic: string): Promise<TopicRoute> {
    const data = await this.instance.routes.query(topic);
    if (!data) throw this.instance.routes.noRoute(topic);
    return new TopicRoute(topic, data);
  }

  /** The brokers that serve a topic: their names and the address of each. */
  async brokersOf(topic: string): Promise<{ brokerName: string; address: string }[]> {
    const { data } = await this.route(topic);
    return data.brokerDatas.flatMap(({ brokerName, brokerAddrs }) => {
      const address = brokerAddrs.get(MixAll.MASTER_ID) ?? brokerAddrs.values().next().value;
      return address === undefined ? [] : [{ brokerName, address }];
    });
  }

  /** The address of the broker that has a queue. @throws RocketMQError `NO_ROUTE` or `NO_BROKER` */
  async addressOf(queue: MessageQueue): Promise<string> {
    const broker = (await this.brokersOf(queue.topic)).find(
      ({ brokerName }) => brokerName === queue.brokerName,
    );
    if (broker) return broker.address;
    throw new RocketMQError(
      'NO_BROKER',
      `The topic ${queue.topic} is not on the broker ${queue.brokerName}`,
      {
        responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
      },
    );
  }
}
