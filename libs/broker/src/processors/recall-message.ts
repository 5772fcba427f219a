import {
  decodeRecallHandle,
  encodeCommand,
  encodeProperties,
  isWriteable,
  MessageConst,
  RecallMessage,
  ResponseCode,
  type RecallHandle,
  type RecallMessageRequestHeader,
} from '@nest-rocketmq/protocol';
import { printable } from '@nest-rocketmq/runtime';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { AppendMessage } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { deleteKeyOf } from '../timer/recall.ts';
import { success } from './answer.ts';

const RECALL_TAG = '_RECALL_TAG_';
const BODY = Buffer.from('0');
const DIGITS = /^\d{1,16}$/;

/**
 * RECALL_MESSAGE (370): takes a message back that waits for its time (RecallMessageProcessor). What is stored for it waits
 * in the same slot and makes the delivery pass the message over; whether the message is still there is not looked at.
 */
export function recallMessage(broker: BrokerContext): RequestProcessor {
  const message = new AppendMessage();
  const gate =
    broker.config.flushDiskType === 'SYNC_FLUSH'
      ? broker.acknowledgements.flushed
      : broker.acknowledgements.written;
  return (request, connection) => {
    const header = RecallMessage.request.decode(request);
    admit(broker, header.topic);
    const handle = checkedHandle(broker, header);
    const now = broker.delayDetour.now();
    const properties = propertiesOf(broker, header, handle, now);
    const place = broker.delayDetour.divert(properties, handle.topic, 0);
    if (!place) throw illegal('recall failed, timestamp invalid');
    message.content(BODY, encodeProperties(properties));
    message.topic = place.topic;
    message.queueId = place.queueId;
    message.bornTimestamp = now;
    message.bornHost = connection.remoteHost;
    message.storeHost = broker.storeHost;
    const result = broker.store.append(message);
    if (result.status !== 'PUT_OK')
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, `recall failed, execute error: ${result.status}`);
    broker.tick.schedule();
    broker.stats.put(message.topic, 1, result.size);
    if (request.isOneway) return undefined;
    const fields = RecallMessage.response.encode({ msgId: handle.messageId });
    fields.set(MessageConst.PROPERTY_MSG_REGION, broker.config.regionId);
    gate.holdFrame(connection, result.endOffset, encodeCommand(success(request, fields)));
    return undefined;
  };
}

function admit(broker: BrokerContext, topic: string): void {
  const { config, topics } = broker;
  if (!config.recallMessageEnable) {
    throw new ResponseError(
      ResponseCode.NO_PERMISSION,
      'recall failed, operation is forbidden. Turn on recallMessageEnable',
    );
  }
  const early = broker.clock.now() < config.startAcceptSendRequestTimeStamp;
  const closed = !isWriteable(config.brokerPermission) && !config.allowRecallWhenBrokerNotWriteable;
  if (early || closed || broker.stopping) {
    throw new ResponseError(
      ResponseCode.SERVICE_NOT_AVAILABLE,
      'recall failed, broker service not available',
    );
  }
  if (topics.select(topic)) return;
  throw new ResponseError(
    ResponseCode.TOPIC_NOT_EXIST,
    `recall failed, the topic[${printable(topic)}] not exist`,
  );
}

function checkedHandle(broker: BrokerContext, header: RecallMessageRequestHeader): RecallHandle {
  const handle = decodeRecallHandle(header.recallHandle);
  if (!handle) throw illegal('recall handle is invalid');
  if (handle.topic !== header.topic) throw illegal('recall failed, topic not match');
  if (handle.brokerName !== broker.config.brokerName)
    throw illegal(`recall failed, broker service not available: this is not ${printable(handle.brokerName)}`);
  const left = DIGITS.test(handle.timestamp) ? Number(handle.timestamp) - broker.delayDetour.now() : 0;
  if (left <= 0 || left >= broker.config.timerMaxDelaySec * 1000)
    throw illegal('recall failed, timestamp invalid');
  return handle;
}

function propertiesOf(
  broker: BrokerContext,
  header: RecallMessageRequestHeader,
  handle: RecallHandle,
  now: number,
): Map<string, string> {
  const key = deleteKeyOf(handle.topic, handle.messageId, broker.config.appendTopicForTimerDeleteKey);
  const properties = new Map([
    [MessageConst.PROPERTY_TAGS, RECALL_TAG],
    [MessageConst.PROPERTY_TIMER_DEL_UNIQKEY, key],
    [MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX, handle.messageId],
    [MessageConst.PROPERTY_TIMER_DELIVER_MS, handle.timestamp],
    [MessageConst.PROPERTY_BORN_TIMESTAMP, String(now)],
  ] as [string, string][]);
  if (header.producerGroup !== undefined)
    properties.set(MessageConst.PROPERTY_PRODUCER_GROUP, header.producerGroup);
  return properties;
}

function illegal(remark: string): ResponseError {
  return new ResponseError(ResponseCode.ILLEGAL_OPERATION, remark);
}
