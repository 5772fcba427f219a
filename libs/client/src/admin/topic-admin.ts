import {
  DeleteTopicInBroker,
  DeleteTopicInNamesrv,
  GetAllTopicListFromNameserver,
  GetTopicConfig,
  GetTopicStatsInfo,
  MixAll,
  PermName,
  TopicConfig,
  TopicList,
  TopicStatsTable,
  UpdateAndCreateTopic,
  type QueueEntry,
  type TopicOffset,
} from '@nest-rocketmq/protocol';
import { sleep } from '@nest-rocketmq/runtime';
import { checkTopic } from '../message/validators.ts';
import type { AdminSession, AdminTarget } from './admin-session.ts';

/** A topic as it shall be; what is left out has RocketMQ's default. */
export interface TopicSpec {
  topic: string;
  /** Queues for reading and writing. Default 8, as `mqadmin updateTopic`. */
  queueNums?: number;
  readQueueNums?: number;
  writeQueueNums?: number;
  /** 6: read and write (default); 4: read; 2: write. */
  perm?: number;
  /** Whether its order was promised. Default false. */
  order?: boolean;
  /** Attributes of 5.x, such as `message.type`. */
  attributes?: Readonly<Record<string, string>>;
}

/** How often the NameServer is asked whether it knows a new topic, in milliseconds. */
const VISIBLE_POLL_MS = 50;

/** Topics: on brokers and at NameServers. */
export class TopicAdmin {
  readonly #session: AdminSession;

  constructor(session: AdminSession) {
    this.#session = session;
  }

  async list(): Promise<string[]> {
    const { instance } = this.#session;
    const { body } = await instance.callNameServer(GetAllTopicListFromNameserver, {});
    return TopicList.decode(body).topicList;
  }

  async create(spec: TopicSpec, target?: AdminTarget): Promise<void> {
    checkTopic(spec.topic);
    const queueNums = spec.queueNums ?? 8;
    const attributes = Object.entries(spec.attributes ?? {}).map(([name, value]) => `+${name}=${value}`);
    const header = {
      topic: spec.topic,
      defaultTopic: MixAll.DEFAULT_TOPIC,
      readQueueNums: spec.readQueueNums ?? queueNums,
      writeQueueNums: spec.writeQueueNums ?? queueNums,
      perm: spec.perm ?? PermName.READ | PermName.WRITE,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: spec.order ?? false,
      ...(attributes.length > 0 ? { attributes: attributes.join(',') } : {}),
    };
    const addresses = await this.#session.targets(target);
    await Promise.all(
      addresses.map((address) => this.#session.instance.call(address, UpdateAndCreateTopic, header)),
    );
    await this.#untilVisible(spec.topic, addresses);
  }

  async delete(topic: string, target?: AdminTarget): Promise<void> {
    const { instance } = this.#session;
    const addresses = await this.#session.targets(target);
    await Promise.all(addresses.map((address) => instance.call(address, DeleteTopicInBroker, { topic })));
    const header = { topic, ...(target?.cluster === undefined ? {} : { clusterName: target.cluster }) };
    await Promise.all(
      instance.nameServers.addresses.map((address) => instance.call(address, DeleteTopicInNamesrv, header)),
    );
  }

  async config(topic: string, broker: string): Promise<TopicConfig> {
    return TopicConfig.decode((await this.#session.instance.call(broker, GetTopicConfig, { topic })).body);
  }

  async stats(topic: string): Promise<QueueEntry<TopicOffset>[]> {
    const brokers = await this.#session.brokersOf(topic);
    const tables = await Promise.all(
      brokers.map(async ({ address }) => {
        const { body } = await this.#session.instance.call(address, GetTopicStatsInfo, { topic });
        return TopicStatsTable.decode(body).offsetTable;
      }),
    );
    return tables.flat();
  }

  /** A broker tells the NameServer of a new topic on its own: a send right after would not find it yet. */
  async #untilVisible(topic: string, addresses: readonly string[]): Promise<void> {
    const { clock, mqClientApiTimeout } = this.#session.instance.settings;
    const deadline = clock.now() + mqClientApiTimeout;
    while (clock.now() < deadline) {
      const data = await this.#session.instance.routes.query(topic);
      const known = new Set(data?.brokerDatas.flatMap(({ brokerAddrs }) => [...brokerAddrs.values()]));
      if (addresses.every((address) => known.has(address))) return;
      await sleep(clock, VISIBLE_POLL_MS);
    }
  }
}
