import {
  LitePullMessage,
  MixAll,
  MQVersion,
  popNormalTopic,
  PullMessage,
  PullSysFlag,
  type PullMessageRequestHeader,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import type { MessageQueue } from '../message/message.ts';
import type { ReceivedMessage } from '../message/received-message.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { pullOnce, pullTarget, type PullAnswer } from './pull-exchange.ts';

/** How long a broker may hold a pull that finds nothing, in milliseconds: of a push and of a pull consumer. */
export const BROKER_SUSPEND_MS = 15_000;
export const LITE_BROKER_SUSPEND_MS = 20_000;
/** How long an answer is waited for then. */
export const PULL_TIMEOUT_MS = 30_000;

/** What a pull brought. */
export type PullOutcome =
  /** Messages whose tags match, maybe none; `nextOffset` is behind all that were looked at. */
  | { status: 'FOUND' | 'NOTHING'; messages: ReceivedMessage[]; nextOffset: number }
  /** The offset is not one of the queue: go on from `nextOffset`. */
  | { status: 'OFFSET_MOVED'; nextOffset: number };

/** Pulls one queue, from the broker it was told to read it from. */
export class QueuePuller {
  readonly #group: ConsumerGroup;
  readonly #queue: MessageQueue;
  readonly #shownTopic: string | undefined;
  /** The id of the broker to read from, as the last answer suggested. */
  #brokerId: number = MixAll.MASTER_ID;
  /** The address the last pull went to. */
  address: string | undefined;

  constructor(group: ConsumerGroup, queue: MessageQueue) {
    this.#group = group;
    this.#queue = queue;
    const normal = popNormalTopic(queue.topic, group.group);
    this.#shownTopic = normal === queue.topic ? undefined : normal;
  }

  /**
   * One pull; it waits at the broker while there is nothing.
   * @throws BrokerError for answers that are none of a pull's own, RocketMQError when the broker can't be reached
   */
  async pull(offset: number, subscription: SubscriptionData, signal: AbortSignal): Promise<PullOutcome> {
    const { instance, litePull, retryTopic } = this.#group;
    const broker = await pullTarget(instance, this.#queue, this.#brokerId);
    this.address = broker.address;
    // A 4.9 broker doesn't know the code of its own that a 5.x one has for pull consumers; the flag says it to both.
    const modern = (instance.heartbeats.brokerVersion(broker.address) ?? 0) >= MQVersion.V5_0_0;
    const answer: PullAnswer = await pullOnce(instance, {
      command: litePull && modern ? LitePullMessage : PullMessage,
      address: broker.address,
      header: this.#header(offset, subscription, broker.brokerId),
      subscription,
      retryTopic,
      shownTopic: this.#shownTopic,
      timeoutMs: PULL_TIMEOUT_MS,
      signal,
    });
    this.#brokerId = answer.suggestWhichBrokerId;
    const nextOffset = answer.nextBeginOffset;
    if (answer.status === 'OFFSET_ILLEGAL') return { status: 'OFFSET_MOVED', nextOffset };
    if (answer.status === 'FOUND') return { status: 'FOUND', messages: answer.messages, nextOffset };
    return { status: 'NOTHING', messages: [], nextOffset };
  }

  #header(offset: number, subscription: SubscriptionData, brokerId: number): PullMessageRequestHeader {
    const { settings, clustering, litePull, offsets, group } = this.#group;
    const { topic, queueId, brokerName: bname } = this.#queue;
    // Only the master keeps offsets, and only clustering consumers have some there.
    const commits = clustering && !litePull && brokerId === MixAll.MASTER_ID;
    const known = commits ? offsets.inMemory(this.#queue) : undefined;
    const commit = known !== undefined && known > 0;
    const post = settings.postSubscriptionWhenPull || litePull;
    return {
      consumerGroup: group,
      topic,
      queueId,
      queueOffset: offset,
      maxMsgNums: settings.pullBatchSize,
      sysFlag:
        PullSysFlag.SUSPEND |
        (commit ? PullSysFlag.COMMIT_OFFSET : 0) |
        (post ? PullSysFlag.SUBSCRIPTION : 0) |
        (litePull ? PullSysFlag.LITE_PULL_MESSAGE : 0),
      commitOffset: commit ? known : 0,
      suspendTimeoutMillis: litePull ? LITE_BROKER_SUSPEND_MS : BROKER_SUSPEND_MS,
      ...(post ? { subscription: subscription.subString } : {}),
      subVersion: litePull && subscription.expressionType === 'TAG' ? 0 : subscription.subVersion,
      expressionType: subscription.expressionType,
      maxMsgBytes: settings.pullBatchSizeInBytes,
      bname,
    };
  }
}
