import type { Attributes } from '@opentelemetry/api';
import type { ConsumeEvent, Message, ReceiveEvent, SendEvent } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** The names of OpenTelemetry's semantic conventions for messaging (1.30 and later) that are used here. */
const SYSTEM = 'messaging.system';
const OPERATION_NAME = 'messaging.operation.name';
const OPERATION_TYPE = 'messaging.operation.type';
const DESTINATION = 'messaging.destination.name';
const PARTITION = 'messaging.destination.partition.id';
const BATCH_COUNT = 'messaging.batch.message_count';
const CLIENT_ID = 'messaging.client.id';
const CONSUMER_GROUP = 'messaging.consumer.group.name';
const BODY_SIZE = 'messaging.message.body.size';
const CONSUMPTION_MODEL = 'messaging.rocketmq.consumption_model';
const DELAY_LEVEL = 'messaging.rocketmq.message.delay_time_level';
const DELIVERY_TIMESTAMP = 'messaging.rocketmq.message.delivery_timestamp';
const KEYS = 'messaging.rocketmq.message.keys';
const TAG = 'messaging.rocketmq.message.tag';
const TYPE = 'messaging.rocketmq.message.type';
const NAMESPACE = 'messaging.rocketmq.namespace';
/** Also set when the outcome is known. */
export const MESSAGE_ID = 'messaging.message.id';
export const ERROR_TYPE = 'error.type';
/** Not one of the conventions: what becomes of a message, and how often it had come before. */
export const OUTCOME = 'messaging.rocketmq.message.outcome';
const RECONSUME_TIMES = 'messaging.rocketmq.message.reconsume_times';

/** What a span says of a send when it begins. Payloads and headers stay out of it. */
export function sendAttributes({ operation, clientId, namespace, messages }: SendEvent): Attributes {
  const [first] = messages;
  if (!first) return {};
  return {
    [SYSTEM]: 'rocketmq',
    [OPERATION_NAME]: operation,
    [OPERATION_TYPE]: 'send',
    [DESTINATION]: first.topic,
    ...(clientId !== undefined && { [CLIENT_ID]: clientId }),
    ...(namespace !== '' && { [NAMESPACE]: namespace }),
    ...(operation === 'sendBatch' ? { [BATCH_COUNT]: messages.length } : messageAttributes(first)),
  };
}

/** What a span says of a listener's call when it begins. */
export function processAttributes(event: ConsumeEvent): Attributes {
  const { clientId, consumerGroup, namespace, messageModel, messageQueue, messages } = event;
  const [first] = messages;
  if (!first) return {};
  return {
    [SYSTEM]: 'rocketmq',
    [OPERATION_NAME]: 'process',
    [OPERATION_TYPE]: 'process',
    [DESTINATION]: first.topic,
    [PARTITION]: `${messageQueue.brokerName}:${messageQueue.queueId}`,
    [CLIENT_ID]: clientId,
    [CONSUMER_GROUP]: consumerGroup,
    [CONSUMPTION_MODEL]: messageModel.toLowerCase(),
    ...(namespace !== '' && { [NAMESPACE]: namespace }),
    ...(messages.length > 1
      ? { [BATCH_COUNT]: messages.length }
      : {
          [MESSAGE_ID]: first.msgId,
          [RECONSUME_TIMES]: first.reconsumeTimes,
          ...(first.tags !== undefined && { [TAG]: first.tags }),
          ...(first.keys.length > 0 && { [KEYS]: [...first.keys] }),
        }),
  };
}

/** What a span says of a poll that gave messages. */
export function receiveAttributes({
  clientId,
  consumerGroup,
  namespace,
  result = [],
}: ReceiveEvent): Attributes {
  const [first] = result;
  return {
    [SYSTEM]: 'rocketmq',
    [OPERATION_NAME]: 'receive',
    [OPERATION_TYPE]: 'receive',
    [CONSUMER_GROUP]: consumerGroup,
    [BATCH_COUNT]: result.length,
    ...(clientId !== undefined && { [CLIENT_ID]: clientId }),
    ...(namespace !== '' && { [NAMESPACE]: namespace }),
    ...(first && { [DESTINATION]: first.topic, [PARTITION]: `${first.brokerName}:${first.queueId}` }),
  };
}

/** `error.type`: the code of ours, else the class of what was thrown. */
export function errorType(error: unknown): string {
  if (error instanceof RocketMQError) return error.code;
  const name = (error as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : '_OTHER';
}

function messageAttributes(message: Message): Attributes {
  const { body, tags, keys, delayLevel, deliverTimeMs, delayTimeMs, delayTimeSec, systemProperties } =
    message;
  const keyList = typeof keys === 'string' ? keys.split(' ') : [...(keys ?? [])];
  const delayed =
    Boolean(delayLevel) || [deliverTimeMs, delayTimeMs, delayTimeSec].some((time) => time !== undefined);
  const transaction = systemProperties?.['TRAN_MSG'] === 'true';
  return {
    [BODY_SIZE]: body.length,
    [TYPE]: transaction ? 'transaction' : delayed ? 'delay' : 'normal',
    ...(tags !== undefined && { [TAG]: tags }),
    ...(keyList.length > 0 && { [KEYS]: keyList }),
    ...(delayLevel ? { [DELAY_LEVEL]: delayLevel } : {}),
    ...(deliverTimeMs !== undefined && { [DELIVERY_TIMESTAMP]: deliverTimeMs }),
  };
}
