import {
  bornHostLength,
  ConsumerSendMsgBack,
  decodeRecord,
  dlqTopic,
  encodeProperties,
  isWriteable,
  MessageConst,
  PermName,
  RecordOffset,
  ResponseCode,
  retryTopic,
  TopicSysFlag,
  type ConsumerSendMsgBackRequestHeader,
  type MessageRecord,
  type RemotingCommand,
  type SubscriptionGroupConfig,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { AppendMessage } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { refusalOf } from '../send/put-result.ts';
import { DLQ_QUEUE_NUMS, retryLimit } from '../send/retry-limit.ts';
import { success } from './answer.ts';
import { requireGroup } from './require-group.ts';

/** The level of the first retry when the consumer leaves it to the broker: 10 s. */
const FIRST_RETRY_LEVEL = 3;
const READ_WRITE = PermName.READ | PermName.WRITE;

/**
 * CONSUMER_SEND_MSG_BACK (36): stores a copy of a message that a consumer could not process, to be delivered to the
 * group's retry topic later, or in its dead-letter topic when it was tried often enough
 * (AbstractSendMessageProcessor.consumerSendMsgBack). Answered when the copy is written.
 */
export function consumerSendMsgBack(broker: BrokerContext): RequestProcessor {
  const message = new AppendMessage();
  return (request, connection) => {
    const header = ConsumerSendMsgBack.request.decode(request);
    const group = requireGroup(broker, header.group);
    if (!isWriteable(broker.config.brokerPermission)) {
      throw new ResponseError(
        ResponseCode.NO_PERMISSION,
        `the broker[${broker.address}] sending message is forbidden`,
      );
    }
    if (group.retryQueueNums <= 0) return success(request);
    createRetryTopic(broker, group, header.unitMode);
    const found = findRecord(broker, header.offset);
    const retry = planRetry(broker, request, header, group, found.record);
    fill(message, broker, found, retry);
    const result = broker.store.append(message);
    if (result.status !== 'PUT_OK')
      throw refusalOf(result.status, broker.store, broker.config.maxMessageSize);
    broker.tick.schedule();
    if (!request.isOneway)
      broker.acknowledgements.respondWhenWritten(connection, success(request), result.endOffset);
    return undefined;
  };
}

/** Where the copy goes, and after how long. */
interface Retry {
  dead: boolean;
  topic: string;
  queueId: number;
  /** 0: at once. */
  delayLevel: number;
}

function createRetryTopic(broker: BrokerContext, group: SubscriptionGroupConfig, unitMode: boolean): void {
  const name = retryTopic(group.groupName);
  const sysFlag = unitMode ? TopicSysFlag.UNIT_SUB : 0;
  const topic = broker.topics.createTopicInSendBack(name, group.retryQueueNums, READ_WRITE, sysFlag);
  if (!isWriteable(topic.perm)) {
    throw new ResponseError(ResponseCode.NO_PERMISSION, `the topic[${name}] sending message is forbidden`);
  }
}

interface FoundRecord {
  readonly record: MessageRecord;
  readonly bornHost: Buffer;
}

function findRecord(broker: BrokerContext, offset: number): FoundRecord {
  const bytes = offset < 0 ? undefined : broker.store.readRecord(offset);
  const record = bytes && decodeRecord(bytes, 0);
  // An offset inside of a body may look like a record; its own offset gives it away.
  if (!bytes || record?.physicalOffset !== offset) {
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, `look message by offset failed, ${offset}`);
  }
  const end = RecordOffset.BORN_HOST + bornHostLength(record.sysFlag);
  return { record, bornHost: bytes.subarray(RecordOffset.BORN_HOST, end) };
}

function planRetry(
  broker: BrokerContext,
  request: RemotingCommand,
  header: ConsumerSendMsgBackRequestHeader,
  group: SubscriptionGroupConfig,
  record: MessageRecord,
): Retry {
  const limit = retryLimit(group.retryMaxTimes, header.maxReconsumeTimes, request.version);
  if (record.reconsumeTimes < limit && header.delayLevel >= 0) {
    return {
      dead: false,
      topic: retryTopic(group.groupName),
      queueId: Math.floor(Math.random() * group.retryQueueNums),
      delayLevel: header.delayLevel === 0 ? FIRST_RETRY_LEVEL + record.reconsumeTimes : header.delayLevel,
    };
  }
  const topic = dlqTopic(group.groupName);
  broker.topics.createTopicInSendBack(topic, DLQ_QUEUE_NUMS, READ_WRITE);
  return { dead: true, topic, queueId: 0, delayLevel: 0 };
}

function fill(
  message: AppendMessage,
  broker: BrokerContext,
  { record, bornHost }: FoundRecord,
  retry: Retry,
): void {
  const properties = new Map(record.properties);
  if (!properties.has(MessageConst.PROPERTY_RETRY_TOPIC))
    properties.set(MessageConst.PROPERTY_RETRY_TOPIC, record.topic);
  if (!properties.get(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID)) {
    properties.set(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID, record.offsetMsgId);
  }
  if (retry.dead) {
    const { PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX: UNIQ_KEY, PROPERTY_ORIGIN_MESSAGE_ID } = MessageConst;
    const id = properties.get(UNIQ_KEY) ?? properties.get(PROPERTY_ORIGIN_MESSAGE_ID) ?? record.offsetMsgId;
    const topic = properties.get(MessageConst.PROPERTY_RETRY_TOPIC) ?? record.topic;
    properties.set(MessageConst.PROPERTY_DLQ_ORIGIN_TOPIC, topic);
    properties.set(MessageConst.PROPERTY_DLQ_ORIGIN_MESSAGE_ID, id);
  }
  properties.set(MessageConst.PROPERTY_WAIT_STORE_MSG_OK, 'false');
  properties.set(MessageConst.PROPERTY_DELAY_TIME_LEVEL, String(retry.delayLevel));
  const place = broker.delayDetour.divert(properties, retry.topic, retry.queueId) ?? retry;
  message.content(record.body, encodeProperties(properties));
  message.topic = place.topic;
  message.queueId = place.queueId;
  message.flag = record.flag;
  message.sysFlag = record.sysFlag;
  message.bornTimestamp = record.bornTimestamp;
  message.bornHost = bornHost;
  message.storeHost = broker.storeHost;
  message.reconsumeTimes = record.reconsumeTimes + 1;
}
