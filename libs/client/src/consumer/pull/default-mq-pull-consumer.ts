import { buildSubscription } from '@nest-rocketmq/filter';
import {
  MixAll,
  PullMessage,
  PullSysFlag,
  queueKey,
  ResponseCode,
  type ConsumeMessageDirectlyResult,
  type ConsumerData,
  type ConsumerRunningInfo,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { RocketMQError, scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { ClientInstance } from '../../instance/client-instance.ts';
import {
  clientSettings,
  inRange,
  type ClientOptions,
  type ClientSettings,
} from '../../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../../instance/client-registry.ts';
import { Lifecycle } from '../../instance/lifecycle.ts';
import type { ConsumerMember } from '../../instance/members.ts';
import { ReceivedMessage } from '../../message/received-message.ts';
import type { MessageExt, MessageQueue } from '../../message/message.ts';
import { checkGroup, illegal } from '../../message/validators.ts';
import { Names } from '../../namespace/names.ts';
import { ConsumeFromWhere, MessageModel } from '../consumer-types.ts';
import { MessageReturner } from '../message-returner.ts';
import { selectorOf, type MessageSelector } from '../message-selector.ts';
import { OFFSET_NOT_FOUND, type OffsetStore } from '../offset-store.ts';
import { pullOnce, pullTarget, type PullStatus } from '../pull-exchange.ts';
import { LITE_BROKER_SUSPEND_MS, PULL_TIMEOUT_MS } from '../pull-request.ts';
import { fetchSubscribeQueues, maxOffset, minOffset, searchOffset } from '../queue-offsets.ts';
import { RemoteOffsetStore } from '../remote-offset-store.ts';

/** How long the answer to a pull that is not held is waited for, in milliseconds. */
const PLAIN_TIMEOUT_MS = 10_000;
const PERSIST_MS = 5000;

/** Options of a {@link DefaultMQPullConsumer}. */
export interface PullConsumerOptions extends ClientOptions {
  /** The consumer group. */
  group: string;
  /** How often a message that was sent back is delivered again before it goes to the dead letters. Default 16. */
  maxReconsumeTimes?: number;
}

/** What a pull brought. */
export interface PullResult {
  readonly pullStatus: PullStatus;
  /** Where to go on. */
  readonly nextBeginOffset: number;
  /** The bounds of the queue. */
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Those that match; empty unless the status is FOUND. */
  readonly messages: readonly MessageExt[];
}

/** What a pull can say beside where to pull. */
export interface PullOptions {
  /** How long to wait for the answer, in milliseconds. Default 10 s; 30 s for one that may be held. */
  timeout?: number;
  /** Gives up waiting when aborted. */
  signal?: AbortSignal;
}

/**
 * Reads queues by hand (`DefaultMQPullConsumer`): nothing is shared, nothing runs in the background but the storing of
 * offsets. For tools; applications that pull are better served by {@link DefaultLitePullConsumer}.
 */
export class DefaultMQPullConsumer {
  /** The consumer group, with its namespace. */
  readonly group: string;
  readonly #client: ClientSettings;
  readonly #names: Names;
  readonly #maxReconsumeTimes: number;
  readonly #lifecycle: Lifecycle;
  readonly #noted = new Map<string, MessageQueue>();
  #lease: InstanceLease | undefined;
  #offsets: OffsetStore | undefined;
  #timer: Scheduled | undefined;

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: PullConsumerOptions) {
    checkGroup(options.group, MixAll.DEFAULT_CONSUMER_GROUP);
    this.#client = clientSettings(options);
    this.#names = new Names(this.#client.namespace);
    this.group = this.#names.stored(options.group);
    this.#maxReconsumeTimes = inRange('maxReconsumeTimes', options.maxReconsumeTimes, 16, 0, 0x7fff_ffff);
    this.#lifecycle = new Lifecycle(`The pull consumer of the group ${options.group}`);
  }

  /** Makes it ready. @throws RocketMQError `INVALID_CONFIG` when the group is in the named client already */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#lease = acquireInstance(this.#client, { role: 'consumer', member: pulling(this.group) });
      this.#offsets = new RemoteOffsetStore(this.#lease.instance, this.group);
      this.#timer = scheduleEvery(this.#client.clock, PERSIST_MS, PERSIST_MS, () => void this.#persist());
    });
  }

  /** Stores the offsets and leaves the group. */
  shutdown(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#timer?.cancel();
      await this.#persist();
      await this.#lease?.instance.unregister('consumerGroup', this.group);
      await this.#lease?.release();
    });
  }

  /** The readable queues of a topic. @throws RocketMQError `NO_ROUTE` when no NameServer knows it */
  async fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]> {
    return this.#names.shownQueues(await fetchSubscribeQueues(this.#instance(), this.#names.stored(topic)));
  }

  /**
   * Pulls messages from `offset` on; answered at once, with what there is.
   * @param selector tags joined by `||`, `*` for all messages, or a {@link MessageSelector}
   * @throws RocketMQError `INVALID_ARGUMENT` when an argument is not legal; BrokerError when the broker refuses
   */
  async pull(
    queue: MessageQueue,
    selector: string | MessageSelector,
    offset: number,
    maxNums: number,
    options: PullOptions = {},
  ): Promise<PullResult> {
    return this.#pull(queue, selector, offset, maxNums, 0, { timeout: PLAIN_TIMEOUT_MS, ...options });
  }

  /** As {@link pull}; where there is nothing, the broker waits up to 20 s for it. */
  async pullBlockIfNotFound(
    queue: MessageQueue,
    selector: string | MessageSelector,
    offset: number,
    maxNums: number,
    options: PullOptions = {},
  ): Promise<PullResult> {
    const waiting = { timeout: PULL_TIMEOUT_MS, ...options };
    return this.#pull(queue, selector, offset, maxNums, LITE_BROKER_SUSPEND_MS, waiting);
  }

  /** Notes how far a queue is consumed; stored every 5 s and by {@link shutdown}. */
  updateConsumeOffset(queue: MessageQueue, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) throw illegal(`An offset to store is ${offset}`);
    const stored = this.#stored(queue);
    this.#store().update(stored, offset, false);
    this.#noted.set(queueKey(stored), stored);
  }

  /**
   * How far a queue is consumed; undefined when the group has no offset of it.
   * @param fromStore whether the broker is asked though an offset was noted here
   */
  async fetchConsumeOffset(queue: MessageQueue, fromStore = false): Promise<number | undefined> {
    const offsets = this.#store();
    const stored = this.#stored(queue);
    const noted = fromStore ? undefined : offsets.inMemory(stored);
    const offset = noted ?? (await offsets.read(stored));
    return offset === OFFSET_NOT_FOUND ? undefined : offset;
  }

  /** The first offset a queue still has. */
  async minOffset(queue: MessageQueue): Promise<number> {
    return minOffset(this.#instance(), this.#stored(queue));
  }

  /** The offset the next message of a queue gets. */
  async maxOffset(queue: MessageQueue): Promise<number> {
    return maxOffset(this.#instance(), this.#stored(queue));
  }

  /** The offset of the first message stored at a time or after it. @param timestamp milliseconds since the epoch */
  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    return searchOffset(this.#instance(), this.#stored(queue), timestamp);
  }

  /**
   * Gives a message back to its broker, which puts it to the group's retry topic, `%RETRY%group`, after a delay: or to the
   * dead letters, when that has happened `maxReconsumeTimes` times. What its queue's offset is has nothing to do with it.
   * @param message as it was pulled
   * @param delayLevel one of the broker's levels; 0: by how often it was tried; below 0: to the dead letters at once
   * @throws RocketMQError `REMOTE` when no broker takes it; `INVALID_ARGUMENT` for a message that was not pulled
   */
  async sendMessageBack(message: MessageExt, delayLevel = 0): Promise<void> {
    const instance = this.#instance();
    if (!(message instanceof ReceivedMessage))
      throw illegal('The message to send back is a copy: give the one that was pulled');
    const settings = { maxReconsumeTimes: this.#maxReconsumeTimes };
    const returner = new MessageReturner({ instance, group: this.group, settings });
    if (await returner.giveBack(message, { delayLevel })) return;
    throw new RocketMQError(
      'REMOTE',
      `Message ${message.msgId} of topic ${message.topic} could not be sent back, nor to the retry topic of the group ` +
        `${this.group}: the log says why`,
    );
  }

  async #pull(
    queue: MessageQueue,
    selector: string | MessageSelector,
    offset: number,
    maxNums: number,
    suspendMs: number,
    options: PullOptions & { timeout: number },
  ): Promise<PullResult> {
    const instance = this.#instance();
    if (!Number.isSafeInteger(offset) || offset < 0) throw illegal(`The offset to pull from is ${offset}`);
    inRange('maxNums', maxNums, 0, 1, 0x7fff_ffff);
    const stored = this.#stored(queue);
    const { topic, queueId, brokerName } = stored;
    const { type, expression } = selectorOf(selector);
    const subscription = buildSubscription(topic, expression, type);
    const { address } = await pullTarget(instance, stored, MixAll.MASTER_ID);
    const answer = await pullOnce(instance, {
      command: PullMessage,
      address,
      header: {
        consumerGroup: this.group,
        topic,
        queueId,
        queueOffset: offset,
        maxMsgNums: maxNums,
        sysFlag: PullSysFlag.SUBSCRIPTION | (suspendMs > 0 ? PullSysFlag.SUSPEND : 0),
        commitOffset: 0,
        suspendTimeoutMillis: suspendMs,
        subscription: subscription.subString,
        subVersion: 0,
        expressionType: subscription.expressionType,
        bname: brokerName,
      },
      subscription,
      retryTopic: undefined,
      timeoutMs: options.timeout,
      signal: options.signal,
    });
    const { status: pullStatus, messages, nextBeginOffset, minOffset: min, maxOffset: max } = answer;
    return { pullStatus, messages, nextBeginOffset, minOffset: min, maxOffset: max };
  }

  async #persist(): Promise<void> {
    await this.#offsets?.persist([...this.#noted.values()]);
  }

  /** A queue as brokers know it. */
  #stored(queue: MessageQueue): MessageQueue {
    return this.#names.storedQueue(queue);
  }

  #instance(): ClientInstance {
    if (!this.#lease || this.#lifecycle.stopped) this.#lifecycle.checkRunning();
    return (this.#lease as InstanceLease).instance;
  }

  #store(): OffsetStore {
    this.#instance();
    return this.#offsets as OffsetStore;
  }
}

/** What brokers see of a group that is pulled by hand: it shares no queues and has no listener. */
function pulling(group: string): ConsumerMember {
  const refuse = (): never => {
    throw new ResponseError(
      ResponseCode.SYSTEM_ERROR,
      `The consumer group <${group}> pulls by hand: there is nothing to tell of it`,
    );
  };
  return {
    group,
    consumerData: (): ConsumerData => ({
      groupName: group,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: MessageModel.CLUSTERING,
      consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET,
      subscriptionDataSet: [],
      unitMode: false,
    }),
    rebalanceSoon: () => undefined,
    resetOffsets: () => Promise.resolve(),
    offsets: () => [],
    runningInfo: (): ConsumerRunningInfo => refuse(),
    consumeDirectly: async (): Promise<ConsumeMessageDirectlyResult> => refuse(),
  };
}
