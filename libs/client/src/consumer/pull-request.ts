import {
  decodeRecords,
  MixAll,
  PullMessage,
  PullSysFlag,
  ResponseCode,
  type PullMessageResponseHeader,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { matchesTag } from '@nest-rocketmq/filter';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import { brokerError, requestOf } from '../instance/call.ts';
import type { MessageQueue } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import type { PushGroup } from './push-group.ts';

/** How long a broker may hold a pull that finds nothing, and how long we wait for it, in milliseconds. */
export const BROKER_SUSPEND_MS = 15_000;
export const PULL_TIMEOUT_MS = 30_000;

/** What a pull brought. */
export type PullOutcome =
  /** Messages whose tags match, maybe none; `nextOffset` is behind all that were looked at. */
  | { status: 'FOUND' | 'NOTHING'; messages: ReceivedMessage[]; nextOffset: number }
  /** The offset is not one of the queue: go on from `nextOffset`. */
  | { status: 'OFFSET_MOVED'; nextOffset: number };

/** Pulls one queue, from the broker it was told to read it from. */
export class QueuePuller {
  readonly #group: PushGroup;
  readonly #queue: MessageQueue;
  /** The id of the broker to read from, as the last answer suggested. */
  #brokerId: number = MixAll.MASTER_ID;
  /** The address the last pull went to. */
  address: string | undefined;

  constructor(group: PushGroup, queue: MessageQueue) {
    this.#group = group;
    this.#queue = queue;
  }

  /**
   * One pull; it waits up to 15 s at the broker while there is nothing.
   * @throws BrokerError for answers that are none of a pull's own, RocketMQError when the broker can't be reached
   */
  async pull(offset: number, subscription: SubscriptionData, signal: AbortSignal): Promise<PullOutcome> {
    const { instance } = this.#group;
    const broker = instance.routes.anyBrokerAddress(this.#queue.brokerName, this.#brokerId);
    if (!broker) {
      await instance.routes.refresh(this.#queue.topic);
      throw new RocketMQError('NO_BROKER', `The broker ${this.#queue.brokerName} has no address now`, {
        responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
      });
    }
    this.address = broker.address;
    const request = requestOf(PullMessage, this.#header(offset, subscription, broker.brokerId));
    const response = await instance.remoting.invoke(broker.address, request, PULL_TIMEOUT_MS, signal);
    switch (response.code) {
      case ResponseCode.SUCCESS:
      case ResponseCode.PULL_NOT_FOUND:
      case ResponseCode.PULL_RETRY_IMMEDIATELY:
      case ResponseCode.PULL_OFFSET_MOVED:
        break;
      default:
        throw brokerError(PullMessage, response, broker.address);
    }
    const header = PullMessage.response.decode(response);
    this.#brokerId = header.suggestWhichBrokerId;
    const nextOffset = header.nextBeginOffset;
    if (response.code === ResponseCode.PULL_OFFSET_MOVED) return { status: 'OFFSET_MOVED', nextOffset };
    if (response.code !== ResponseCode.SUCCESS) return { status: 'NOTHING', messages: [], nextOffset };
    return { status: 'FOUND', messages: this.#decode(response.body, header, subscription), nextOffset };
  }

  #header(
    offset: number,
    subscription: SubscriptionData,
    brokerId: number,
  ): Parameters<typeof PullMessage.request.encode>[0] {
    const { settings, retryTopic, offsets, group } = this.#group;
    const { topic, queueId, brokerName: bname } = this.#queue;
    // Only the master keeps offsets, and only clustering consumers have some there.
    const known =
      retryTopic !== undefined && brokerId === MixAll.MASTER_ID ? offsets.inMemory(this.#queue) : undefined;
    const commit = known !== undefined && known > 0;
    const post = settings.postSubscriptionWhenPull;
    return {
      consumerGroup: group,
      topic,
      queueId,
      queueOffset: offset,
      maxMsgNums: settings.pullBatchSize,
      sysFlag:
        PullSysFlag.SUSPEND |
        (commit ? PullSysFlag.COMMIT_OFFSET : 0) |
        (post ? PullSysFlag.SUBSCRIPTION : 0),
      commitOffset: commit ? known : 0,
      suspendTimeoutMillis: BROKER_SUSPEND_MS,
      ...(post ? { subscription: subscription.subString } : {}),
      subVersion: subscription.subVersion,
      expressionType: subscription.expressionType,
      maxMsgBytes: settings.pullBatchSizeInBytes,
      bname,
    };
  }

  #decode(
    body: Buffer,
    header: PullMessageResponseHeader,
    subscription: SubscriptionData,
  ): ReceivedMessage[] {
    const { retryTopic } = this.#group;
    const window = {
      brokerName: this.#queue.brokerName,
      minOffset: header.minOffset,
      maxOffset: header.maxOffset,
      ...(header.offsetDelta === undefined ? {} : { offsetDelta: header.offsetDelta }),
      ...(retryTopic === undefined ? {} : { retryTopic }),
    };
    const messages: ReceivedMessage[] = [];
    const checkTags = subscription.expressionType === 'TAG' && subscription.tagsSet.length > 0;
    for (const record of decodeRecords(body)) {
      const message = new ReceivedMessage(record, window);
      // The broker compares hash codes of tags only.
      if (!checkTags || matchesTag(subscription, message.tags)) messages.push(message);
    }
    return messages;
  }
}
