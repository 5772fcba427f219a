import {
  bornHostLength,
  decodeRecord,
  dlqTopic,
  encodeProperties,
  MAX_PROPERTIES_LENGTH,
  MessageConst,
  MixAll,
  popNormalTopic,
  popRetryTopicV1,
  popRetryTopicV2,
  RecordOffset,
  type MessageRecord,
} from '@nest-rocketmq/protocol';
import { AppendMessage, type AppendStatus } from '@nest-rocketmq/store';
import { DLQ_QUEUE_NUMS } from '../send/retry-limit.ts';
import { defaultTopicConfig } from '../topic/initial-topics.ts';
import type { PopCheckPoint } from './check-point.ts';
import type { PopParts } from './pop-parts.ts';

const RETRY_QUEUE_NUMS = 1;

/**
 * Puts a message that was popped and not acknowledged into the group's retry topic for its topic, with one more try
 * counted (PopReviveService.reviveRetry), or into the group's dead-letter topic when the group's limit is reached.
 */
export class RevivedMessages {
  readonly #parts: PopParts;
  readonly #message = new AppendMessage();

  constructor(parts: PopParts) {
    this.#parts = parts;
  }

  /** @returns the store's status; undefined when the message is not there any more */
  revive(point: PopCheckPoint, offset: number): AppendStatus | undefined {
    const { store } = this.#parts;
    const entry = store.queueEntry(point.topic, point.queueId, offset);
    const bytes = entry && store.readRecord(entry.physicalOffset, entry.size);
    const record = bytes && decodeRecord(bytes, 0);
    if (!bytes || !record) return undefined;
    const properties = new Map(record.properties);
    const topic = this.#target(point, record, properties);
    const message = this.#message;
    message.content(record.body, propertyBytes(properties, point));
    message.topic = topic;
    message.queueId = 0;
    message.flag = record.flag;
    message.sysFlag = record.sysFlag;
    message.bornTimestamp = record.bornTimestamp;
    const bornEnd = RecordOffset.BORN_HOST + bornHostLength(record.sysFlag);
    message.bornHost = bytes.subarray(RecordOffset.BORN_HOST, bornEnd);
    message.storeHost = this.#parts.storeHost;
    message.reconsumeTimes = record.reconsumeTimes + (point.suspend ? 0 : 1);
    return store.append(message).status;
  }

  #target(point: PopCheckPoint, record: MessageRecord, properties: Map<string, string>): string {
    const { config, subscriptionGroups } = this.#parts;
    const limit = subscriptionGroups.select(point.group)?.retryMaxTimes ?? Infinity;
    const normal = popNormalTopic(point.topic, point.group);
    if (!point.suspend && limit >= 0 && record.reconsumeTimes >= limit) {
      properties.set(MessageConst.PROPERTY_RETRY_TOPIC, normal);
      properties.set(MessageConst.PROPERTY_DLQ_ORIGIN_TOPIC, normal);
      properties.set(
        MessageConst.PROPERTY_DLQ_ORIGIN_MESSAGE_ID,
        properties.get(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) ?? record.offsetMsgId,
      );
      return this.#create(dlqTopic(point.group), DLQ_QUEUE_NUMS);
    }
    if (point.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX))
      return this.#create(point.topic, RETRY_QUEUE_NUMS);
    const name = config.enableRetryTopicV2 ? popRetryTopicV2 : popRetryTopicV1;
    const topic = this.#create(name(point.topic, point.group), RETRY_QUEUE_NUMS);
    this.#beginAtFirst(point.group, topic);
    return topic;
  }

  #create(topic: string, queueNums: number): string {
    const { topics } = this.#parts;
    if (!topics.select(topic)) topics.updateTopic(defaultTopicConfig(topic, queueNums));
    return topic;
  }

  /** The group must not miss what is revived before its next pop. */
  #beginAtFirst(group: string, topic: string): void {
    const { consumerOffsets } = this.#parts;
    if (consumerOffsets.query(group, topic, 0) < 0) consumerOffsets.commit('PopRevive', group, topic, 0, 0);
  }
}

function propertyBytes(properties: Map<string, string>, point: PopCheckPoint): Buffer {
  if (properties.has(MessageConst.PROPERTY_FIRST_POP_TIME)) return encodeProperties(properties);
  const before = encodeProperties(properties);
  properties.set(MessageConst.PROPERTY_FIRST_POP_TIME, String(point.popTime));
  const bytes = encodeProperties(properties);
  // A message that was stored must be storable again.
  return bytes.length > MAX_PROPERTIES_LENGTH ? before : bytes;
}
