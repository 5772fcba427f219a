import {
  ConsumerConnection,
  ConsumeStats,
  defaultSubscriptionGroupConfig,
  DeleteSubscriptionGroup,
  GetAllSubscriptionGroupConfig,
  GetConsumerConnectionList,
  GetConsumeStats,
  GetProducerConnectionList,
  GroupList,
  ProducerConnection,
  QueryTopicConsumeByWho,
  ResponseCode,
  retryTopic,
  SetMessageRequestMode,
  SetMessageRequestModeRequestBody,
  SubscriptionGroupConfig,
  SubscriptionGroupWrapper,
  UpdateAndCreateSubscriptionGroup,
  type OffsetWrapper,
  type QueueEntry,
} from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';
import { checkGroup } from '../message/validators.ts';
import type { AdminSession, AdminTarget } from './admin-session.ts';

/** A group as it shall be; what is left out has RocketMQ's default. */
export type SubscriptionGroupSpec = Partial<SubscriptionGroupConfig> & { groupName: string };

/** Consumer groups on brokers, and who is connected. */
export class GroupAdmin {
  readonly #session: AdminSession;

  constructor(session: AdminSession) {
    this.#session = session;
  }

  async create(spec: SubscriptionGroupSpec, target?: AdminTarget): Promise<void> {
    checkGroup(spec.groupName, '');
    const body = SubscriptionGroupConfig.encode({
      ...defaultSubscriptionGroupConfig(spec.groupName),
      ...spec,
    });
    const { instance } = this.#session;
    const addresses = await this.#session.targets(target);
    await Promise.all(
      addresses.map((address) => instance.call(address, UpdateAndCreateSubscriptionGroup, {}, { body })),
    );
  }

  async delete(groupName: string, cleanOffset: boolean, target?: AdminTarget): Promise<void> {
    const { instance } = this.#session;
    const addresses = await this.#session.targets(target);
    await Promise.all(
      addresses.map((address) => instance.call(address, DeleteSubscriptionGroup, { groupName, cleanOffset })),
    );
  }

  /** Of all brokers; where they differ, the last one's. */
  async list(target?: AdminTarget): Promise<SubscriptionGroupConfig[]> {
    const { instance } = this.#session;
    const groups = new Map<string, SubscriptionGroupConfig>();
    for (const address of await this.#session.targets(target)) {
      const { body } = await instance.call(address, GetAllSubscriptionGroupConfig, {});
      for (const [name, config] of SubscriptionGroupWrapper.decode(body).subscriptionGroupTable)
        groups.set(name, config);
    }
    return [...groups.values()];
  }

  async consumers(group: string): Promise<ConsumerConnection> {
    const body = await this.#firstAnswer(retryTopic(group), (address) =>
      this.#session.instance.call(address, GetConsumerConnectionList, { consumerGroup: group }),
    );
    return ConsumerConnection.decode(body);
  }

  async producers(group: string, topic: string): Promise<ProducerConnection> {
    const body = await this.#firstAnswer(topic, (address) =>
      this.#session.instance.call(address, GetProducerConnectionList, { producerGroup: group }),
    );
    return ProducerConnection.decode(body);
  }

  async stats(group: string, topic?: string): Promise<QueueEntry<OffsetWrapper>[]> {
    const header = { consumerGroup: group, ...(topic === undefined ? {} : { topic }) };
    const brokers = await this.#session.brokersOf(topic ?? retryTopic(group));
    const tables = await Promise.all(
      brokers.map(async ({ address }) => {
        const { body } = await this.#session.instance.call(address, GetConsumeStats, header);
        return ConsumeStats.decode(body).offsetTable;
      }),
    );
    return tables.flat();
  }

  async setMessageRequestMode(mode: SetMessageRequestModeRequestBody): Promise<void> {
    const body = SetMessageRequestModeRequestBody.encode(mode);
    for (const { address } of await this.#session.brokersOf(mode.topic))
      await this.#session.instance.call(address, SetMessageRequestMode, {}, { body });
  }

  async consumersOfTopic(topic: string): Promise<string[]> {
    const groups = new Set<string>();
    for (const { address } of await this.#session.brokersOf(topic)) {
      const { body } = await this.#session.instance.call(address, QueryTopicConsumeByWho, { topic });
      for (const group of GroupList.decode(body).groupList) groups.add(group);
    }
    return [...groups];
  }

  /** Members tell every broker: the first one that knows the group knows them all. */
  async #firstAnswer(topic: string, ask: (address: string) => Promise<{ body: Buffer }>): Promise<Buffer> {
    let failure: unknown = this.#session.instance.routes.noRoute(topic);
    for (const { address } of await this.#session.brokersOf(topic)) {
      try {
        return (await ask(address)).body;
      } catch (error) {
        const offline =
          error instanceof BrokerError &&
          (error.responseCode === ResponseCode.CONSUMER_NOT_ONLINE ||
            error.responseCode === ResponseCode.SYSTEM_ERROR);
        if (!offline) throw error;
        failure = error;
      }
    }
    throw failure;
  }
}
