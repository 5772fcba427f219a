import {
  GetBrokerRuntimeInfo,
  KVTable,
  type ClusterInfo,
  type ConsumeMessageDirectlyResult,
  type ConsumerConnection,
  type ConsumerRunningInfo,
  type MessageQueue,
  type MessageRequestMode,
  type OffsetWrapper,
  type ProducerConnection,
  type QueueEntry,
  type SubscriptionGroupConfig,
  type TopicConfig,
  type TopicOffset,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import { clientSettings, type ClientOptions, type ClientSettings } from '../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../instance/client-registry.ts';
import { Lifecycle } from '../instance/lifecycle.ts';
import type { MessageExt } from '../message/message.ts';
import { Names } from '../namespace/names.ts';
import { AdminSession, type AdminTarget } from './admin-session.ts';
import type { TraceRecord } from '../trace/trace-data.ts';
import { DiagnosisAdmin } from './diagnosis-admin.ts';
import { GroupAdmin, type SubscriptionGroupSpec } from './group-admin.ts';
import { MessageAdmin, type QueryOptions } from './message-admin.ts';
import { OffsetAdmin } from './offset-admin.ts';
import { readQueue, type QueueSlice } from './queue-reader.ts';
import { TopicAdmin, type TopicSpec } from './topic-admin.ts';

/** Options of the admin: those of every client. */
export interface AdminOptions extends ClientOptions {
  /** Time-out of a request in milliseconds; the same as `mqClientApiTimeout`. Default 3000. */
  timeout?: number;
}

interface Parts {
  lease: InstanceLease;
  session: AdminSession;
  topics: TopicAdmin;
  groups: GroupAdmin;
  offsets: OffsetAdmin;
  messages: MessageAdmin;
  diagnosis: DiagnosisAdmin;
}

/**
 * Looks after topics, groups, offsets and messages, as `mqadmin` does (`DefaultMQAdminExt`). Every method throws
 * {@link BrokerError} with the response code when a server refuses, and RocketMQError when none can be reached.
 * Topics and groups of the `namespace` are called what its application calls them; those of others keep the names that
 * brokers know them by, `other%topic`.
 */
export class MQAdmin {
  readonly #client: ClientSettings;
  readonly #lifecycle = new Lifecycle('The admin');
  #parts: Parts | undefined;
  readonly #names: Names;

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: AdminOptions) {
    const { timeout } = options;
    this.#client = clientSettings(
      timeout === undefined ? options : { ...options, mqClientApiTimeout: timeout },
    );
    this.#names = new Names(this.#client.namespace);
  }

  /** Makes the admin ready; nothing is connected before the first command. */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      const lease = acquireInstance(this.#client, { role: 'admin' });
      const session = new AdminSession(lease.instance);
      const messages = new MessageAdmin(session);
      this.#parts = {
        lease,
        session,
        topics: new TopicAdmin(session),
        groups: new GroupAdmin(session),
        offsets: new OffsetAdmin(session),
        messages,
        diagnosis: new DiagnosisAdmin(session, messages),
      };
    });
  }

  /** Closes its connections. */
  shutdown(): Promise<void> {
    return this.#lifecycle.stop(async () => this.#parts?.lease.release());
  }

  /** Makes sure that a NameServer answers. @throws RocketMQError `CONNECT_FAILED` or `TIMEOUT` naming the addresses */
  async checkNameServer(timeoutMs?: number): Promise<void> {
    await this.#running().lease.instance.checkNameServer(timeoutMs);
  }

  /** All brokers by name, and the broker names of each cluster. */
  async clusterInfo(): Promise<ClusterInfo> {
    return this.#running().session.clusterInfo();
  }

  /** Counters and gauges of a broker, by its `host:port`. */
  async brokerRuntimeInfo(broker: string): Promise<ReadonlyMap<string, string>> {
    const { body } = await this.#running().lease.instance.call(broker, GetBrokerRuntimeInfo, {});
    return KVTable.decode(body).table;
  }

  /** All topics the NameServer knows, RocketMQ's own among them. */
  async topicList(): Promise<string[]> {
    return (await this.#running().topics.list()).map((topic) => this.#names.shown(topic));
  }

  /** Creates a topic, or changes it, on the masters; waits until the NameServer knows it. */
  async createTopic(topic: TopicSpec | string, target?: AdminTarget): Promise<void> {
    const spec = typeof topic === 'string' ? { topic } : topic;
    await this.#running().topics.create({ ...spec, topic: this.#names.stored(spec.topic) }, target);
  }

  /** Deletes a topic, with its messages, on the masters and at all NameServers. */
  async deleteTopic(topic: string, target?: AdminTarget): Promise<void> {
    await this.#running().topics.delete(this.#names.stored(topic), target);
  }

  /** The configuration of a topic on a broker (5.x and ours; a 4.9 broker does not tell). */
  async topicConfig(topic: string, broker: string): Promise<TopicConfig> {
    const config = await this.#running().topics.config(this.#names.stored(topic), broker);
    return { ...config, topicName: this.#names.shown(config.topicName) };
  }

  /** Where a topic lives. @throws RocketMQError `NO_ROUTE` */
  async topicRoute(topic: string): Promise<TopicRouteData> {
    return (await this.#running().session.route(this.#names.stored(topic))).data;
  }

  /** The queues of a topic that can be read. @throws RocketMQError `NO_ROUTE` */
  async topicQueues(topic: string): Promise<readonly MessageQueue[]> {
    const route = await this.#running().session.route(this.#names.stored(topic));
    return this.#names.shownQueues(route.subscribeQueues);
  }

  /** How far each queue of a topic reaches. */
  async topicStats(topic: string): Promise<QueueEntry<TopicOffset>[]> {
    return this.#names.shownEntries(await this.#running().topics.stats(this.#names.stored(topic)));
  }

  /** The groups that consume a topic. */
  async topicConsumers(topic: string): Promise<string[]> {
    const groups = await this.#running().groups.consumersOfTopic(this.#names.stored(topic));
    return groups.map((group) => this.#names.shown(group));
  }

  /** Creates a consumer group, or changes it, on the masters. */
  async createSubscriptionGroup(group: SubscriptionGroupSpec | string, target?: AdminTarget): Promise<void> {
    const spec = typeof group === 'string' ? { groupName: group } : group;
    await this.#running().groups.create({ ...spec, groupName: this.#names.stored(spec.groupName) }, target);
  }

  /** Deletes a consumer group on the masters, with its offsets when `cleanOffset`. */
  async deleteSubscriptionGroup(group: string, cleanOffset = false, target?: AdminTarget): Promise<void> {
    await this.#running().groups.delete(this.#names.stored(group), cleanOffset, target);
  }

  /**
   * Has a group's consumers pull or pop a topic (mqadmin's setConsumeMode), on all its brokers. It holds for those that
   * have the brokers share the queues (`clientRebalance: false`), from their next rebalance on; 5.x and ours.
   * @param popShareQueueNum how many more consumers share each popped queue; 0 (default): all of them all queues
   */
  async setMessageRequestMode(
    topic: string,
    consumerGroup: string,
    mode: MessageRequestMode,
    popShareQueueNum = 0,
  ): Promise<void> {
    await this.#running().groups.setMessageRequestMode({
      topic: this.#names.stored(topic),
      consumerGroup: this.#names.stored(consumerGroup),
      mode,
      popShareQueueNum,
    });
  }

  /** The configurations of all consumer groups. */
  async subscriptionGroups(target?: AdminTarget): Promise<SubscriptionGroupConfig[]> {
    const groups = await this.#running().groups.list(target);
    return groups.map((group) => ({ ...group, groupName: this.#names.shown(group.groupName) }));
  }

  /** The consumers of a group that are connected. @throws BrokerError CONSUMER_NOT_ONLINE when there is none */
  async consumerConnection(group: string): Promise<ConsumerConnection> {
    return this.#running().groups.consumers(this.#names.stored(group));
  }

  /** The producers of a group that are connected to the brokers of a topic. */
  async producerConnection(group: string, topic: string): Promise<ProducerConnection> {
    return this.#running().groups.producers(this.#names.stored(group), this.#names.stored(topic));
  }

  /** How far a group is in each queue: of one topic, or of all it has offsets of. */
  async consumeStats(group: string, topic?: string): Promise<QueueEntry<OffsetWrapper>[]> {
    const stored = topic === undefined ? undefined : this.#names.stored(topic);
    return this.#names.shownEntries(await this.#running().groups.stats(this.#names.stored(group), stored));
  }

  /** The offset a group has consumed a queue up to; undefined when it has none. */
  async consumerOffset(group: string, queue: MessageQueue): Promise<number | undefined> {
    return this.#running().offsets.ofGroup(this.#names.stored(group), this.#names.storedQueue(queue));
  }

  /** Sets that offset. Consumers that run have their own and store it again: see {@link resetOffset}. */
  async updateConsumerOffset(group: string, queue: MessageQueue, offset: number): Promise<void> {
    await this.#running().offsets.update(this.#names.stored(group), this.#names.storedQueue(queue), offset);
  }

  /** The offset the next message of a queue gets. */
  async maxOffset(queue: MessageQueue): Promise<number> {
    return this.#running().offsets.max(this.#names.storedQueue(queue));
  }

  /** The offset of the first message of a queue that is still there. */
  async minOffset(queue: MessageQueue): Promise<number> {
    return this.#running().offsets.min(this.#names.storedQueue(queue));
  }

  /** The offset of the first message stored at a time or after (LOWER), or of the last one up to it (UPPER). */
  async searchOffset(
    queue: MessageQueue,
    timestamp: number,
    boundary: 'LOWER' | 'UPPER' = 'LOWER',
  ): Promise<number> {
    return this.#running().offsets.search(this.#names.storedQueue(queue), timestamp, boundary);
  }

  /** When the first message of a queue that is still there was stored; -1 when there is none. */
  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    return this.#running().offsets.earliestStoreTime(this.#names.storedQueue(queue));
  }

  /**
   * Has a group go on with what was stored at a time, running or not.
   * @param timestamp milliseconds since the epoch; -1: the end of the queues
   * @param force also where the group is further back than that
   * @returns the new offsets
   */
  async resetOffset(
    group: string,
    topic: string,
    timestamp: number,
    force = true,
  ): Promise<QueueEntry<number>[]> {
    const [storedGroup, storedTopic] = [this.#names.stored(group), this.#names.stored(topic)];
    const { offsets } = this.#running();
    return this.#names.shownEntries(await offsets.reset(storedGroup, storedTopic, timestamp, force));
  }

  /** A message by either of its ids. @throws RocketMQError with response code QUERY_NOT_FOUND when there is none */
  async viewMessage(topic: string, msgId: string): Promise<MessageExt> {
    return this.#running().messages.view(this.#names.stored(topic), msgId);
  }

  /** A message by the id its producer gave it. @throws RocketMQError with response code QUERY_NOT_FOUND when there is none */
  async queryMessageByUniqKey(topic: string, uniqKey: string): Promise<MessageExt> {
    return this.#running().messages.byUniqueKey(this.#names.stored(topic), uniqKey);
  }

  /** The messages of a topic that have a key. */
  async queryMessage(topic: string, key: string, options?: QueryOptions): Promise<MessageExt[]> {
    return this.#running().messages.byKey(this.#names.stored(topic), key, options);
  }

  /** What is known of the way of a message, by the trace of clients with `enableMsgTrace`: the records of its id. */
  async messageTrace(msgId: string, traceTopic?: string): Promise<TraceRecord[]> {
    return this.#running().diagnosis.trace(msgId, traceTopic);
  }

  /**
   * What a consumer does at the moment: its settings, queues and rates.
   * @param jstack whether to have the state of its process as well
   * @throws BrokerError with code 1 when it isn't connected, CONSUME_MSG_TIMEOUT when it doesn't answer
   */
  async consumerRunningInfo(group: string, clientId: string, jstack = false): Promise<ConsumerRunningInfo> {
    return this.#running().diagnosis.runningInfo(this.#names.stored(group), clientId, jstack);
  }

  /** The offsets that the consumers of a group know of a topic, by client id: of all, or of one of them. */
  async consumerStatus(
    group: string,
    topic: string,
    clientId?: string,
  ): Promise<ReadonlyMap<string, readonly QueueEntry<number>[]>> {
    const { diagnosis } = this.#running();
    const offsets = await diagnosis.offsets(this.#names.stored(group), this.#names.stored(topic), clientId);
    return new Map([...offsets].map(([client, entries]) => [client, this.#names.shownEntries(entries)]));
  }

  /**
   * Has one consumer consume a message now. No offset moves, nothing is delivered again.
   * @param msgId either id of the message
   * @throws BrokerError with code 1 when the consumer isn't connected, CONSUME_MSG_TIMEOUT when it takes too long
   */
  async consumeMessageDirectly(
    group: string,
    clientId: string,
    topic: string,
    msgId: string,
  ): Promise<ConsumeMessageDirectlyResult> {
    const { messages, diagnosis } = this.#running();
    const message = await messages.view(this.#names.stored(topic), msgId);
    return diagnosis.consumeDirectly(this.#names.stored(group), clientId, message);
  }

  /**
   * Reads a queue from an offset on without consuming it: no group's offset moves.
   * @param maxNums at most so many messages; the broker may give fewer
   */
  async readQueue(queue: MessageQueue, offset: number, maxNums = 32): Promise<QueueSlice> {
    return readQueue(this.#running().session, this.#names.storedQueue(queue), offset, maxNums);
  }

  #running(): Parts {
    this.#lifecycle.checkRunning();
    return this.#parts as Parts;
  }
}
