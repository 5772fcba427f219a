import {
  decodeHost,
  MessageConst,
  MessageSysFlag,
  MixAll,
  offsetMessageId,
  parseMessageProperties,
  PushReplyMessageToClient,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  SendReplyMessage,
  SendReplyMessageV2,
  encodeProperties,
  formatMessageProperties,
  type SendMessageRequestHeader,
} from '@nest-rocketmq/protocol';
import { ResponseError, type Connection, type RequestProcessor } from '@nest-rocketmq/remoting';
import { printable } from '@nest-rocketmq/runtime';
import { AppendMessage } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { admitSend, chooseQueue } from '../send/send-admission.ts';

/** How long a requester gets to take its reply, in milliseconds (Broker2Client.callClient). */
const PUSH_TIMEOUT_MS = 10_000;
const COMPRESSION_FLAGS = MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_TYPE_MASK;

/** A reply on its way: what its sender asked for, and where it goes. */
interface Reply {
  readonly header: SendMessageRequestHeader;
  readonly queueId: number;
  readonly properties: Map<string, string>;
  readonly body: Buffer;
  readonly from: Connection;
}

/**
 * SEND_REPLY_MESSAGE (324) and SEND_REPLY_MESSAGE_V2 (325): brings the reply of a request to the client that asked
 * (326), and stores it in the reply topic where `storeReplyMessageEnable` says so (ReplyMessageProcessor). The replier
 * hears code 1 when the requester is gone or doesn't take it; the reply is stored all the same.
 */
export function sendReplyMessage(broker: BrokerContext): RequestProcessor {
  return async (request, connection) => {
    const codec = request.code === RequestCode.SEND_REPLY_MESSAGE ? SendReplyMessage : SendReplyMessageV2;
    const header = codec.request.decode(request);
    requireReplyTopic(header.topic);
    const topic = admitSend(broker, targetOf(header), connection.remoteAddress);
    requireRoom(broker);
    const properties = parseMessageProperties(header.properties ?? '');
    properties.set(MessageConst.PROPERTY_MSG_REGION, broker.config.regionId);
    properties.set(MessageConst.PROPERTY_TRACE_SWITCH, String(broker.config.traceOn));
    const queueId = chooseQueue(topic, header.queueId);
    const reply: Reply = { header, queueId, properties, body: request.body, from: connection };
    const failure = await push(broker, reply);
    const stored = broker.config.storeReplyMessageEnable ? store(broker, reply) : undefined;
    const fields = SendReplyMessage.response.encode({
      // Java's client reads these fields of every answer that is a success.
      msgId: stored?.msgId ?? '0',
      queueId,
      queueOffset: stored?.queueOffset ?? 0,
      regionId: broker.config.regionId,
      traceOn: String(broker.config.traceOn),
    });
    const code = failure === undefined ? ResponseCode.SUCCESS : ResponseCode.SYSTEM_ERROR;
    const response = RemotingCommand.response(request, code, failure, fields);
    if (!stored || request.isOneway || !broker.acknowledgements.hasRoom(broker.acknowledgements.written))
      return response;
    broker.acknowledgements.respondWhenWritten(connection, response, stored.endOffset);
    return undefined;
  };
}

/** What is stored as a reply has not been through the checks of other messages: transactions, delays, retries. */
function requireReplyTopic(topic: string): void {
  if (topic.endsWith(`_${MixAll.REPLY_TOPIC_POSTFIX}`)) return;
  throw new ResponseError(ResponseCode.NO_PERMISSION, `Sending a reply to topic[${topic}] is forbidden.`);
}

function targetOf(header: SendMessageRequestHeader): Parameters<typeof admitSend>[1] {
  return {
    topic: header.topic,
    queueId: header.queueId,
    defaultTopic: () => header.defaultTopic,
    defaultTopicQueueNums: () => header.defaultTopicQueueNums,
    unitMode: () => header.unitMode === true,
  };
}

function requireRoom({ acknowledgements }: BrokerContext): void {
  if (acknowledgements.hasRoom(acknowledgements.written)) return;
  throw new ResponseError(
    ResponseCode.SYSTEM_BUSY,
    '[OVERLOAD]system busy, start flow control for a while, too many messages wait for the disk',
  );
}

/** Hands the reply to its requester. @returns why that failed; undefined when it has it */
async function push(broker: BrokerContext, reply: Reply): Promise<string | undefined> {
  const requester = reply.properties.get(MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT);
  if (requester === undefined)
    return `reply message properties[${MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT}] is null`;
  const channel = broker.producers.channelOf(requester);
  if (!channel) {
    const remark = `push reply message fail, channel of <${requester}> not found.`;
    broker.logger.warn(printable(remark));
    return remark;
  }
  let problem: string;
  try {
    const answer = await channel.connection.request(pushRequest(broker, reply), PUSH_TIMEOUT_MS);
    if (answer.code === ResponseCode.SUCCESS) return undefined;
    problem = `it was answered ${answer.code}: ${answer.remark ?? ''}`;
  } catch (error) {
    problem = String(error);
  }
  const remark = `push reply message to ${requester} fail.`;
  broker.logger.warn(printable(`${remark} ${problem}`));
  return remark;
}

function pushRequest(broker: BrokerContext, { header, properties, body, from }: Reply): RemotingCommand {
  const now = broker.clock.now();
  const pushed = new Map(properties).set(MessageConst.PROPERTY_PUSH_REPLY_TIME, String(now));
  const fields = PushReplyMessageToClient.request.encode({
    producerGroup: header.producerGroup,
    topic: header.topic,
    defaultTopic: header.defaultTopic,
    defaultTopicQueueNums: header.defaultTopicQueueNums,
    queueId: header.queueId,
    sysFlag: header.sysFlag,
    bornTimestamp: header.bornTimestamp,
    flag: header.flag,
    properties: formatMessageProperties(pushed),
    reconsumeTimes: header.reconsumeTimes ?? 0,
    unitMode: header.unitMode === true,
    bornHost: from.remoteAddress,
    storeHost: decodeHost(broker.storeHost),
    storeTimestamp: now,
  });
  return RemotingCommand.request(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, fields, body);
}

/** Keeps the reply in its topic; one that can't be stored was delivered all the same. */
function store(
  broker: BrokerContext,
  { header, queueId, properties, body, from }: Reply,
): { msgId: string; queueOffset: number; endOffset: number } | undefined {
  const message = new AppendMessage().content(body, encodeProperties(properties));
  message.topic = header.topic;
  message.queueId = queueId;
  message.flag = header.flag;
  message.sysFlag = header.sysFlag & COMPRESSION_FLAGS;
  message.bornTimestamp = header.bornTimestamp;
  message.bornHost = from.remoteHost;
  message.storeHost = broker.storeHost;
  message.reconsumeTimes = header.reconsumeTimes ?? 0;
  const result = broker.store.append(message);
  if (result.status !== 'PUT_OK') {
    broker.logger.warn(`A reply of ${from.remoteAddress} was not stored: ${result.status}`);
    return undefined;
  }
  broker.tick.schedule();
  broker.stats.put(header.topic, 1, result.size);
  const { physicalOffset, queueOffset, endOffset } = result;
  return { msgId: offsetMessageId(broker.storeHost, physicalOffset), queueOffset, endOffset };
}
