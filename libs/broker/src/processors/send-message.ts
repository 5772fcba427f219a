import { RocketMQError } from '@nest-rocketmq/runtime';
import {
  MessageSysFlag,
  MixAll,
  ResponseCode,
  type HeaderView,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import { ResponseError, type Connection, type HotProcessor } from '@nest-rocketmq/remoting';
import { AppendMessage } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { DelayLevels } from '../schedule/delay-levels.ts';
import { BatchSend } from '../send/batch-send.ts';
import { refusalOf } from '../send/put-result.ts';
import type { ReplyGate } from '../send/reply-gate.ts';
import { deadLetterTopicOf } from '../send/retry-limit.ts';
import { admitSend, chooseQueue } from '../send/send-admission.ts';
import { SendReplies } from '../send/send-replies.ts';
import { SendRequest } from '../send/send-request.ts';
import { StoredProperties } from '../send/stored-properties.ts';
import { recallHandleOf } from '../timer/recall.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import { prepareHalf } from '../transaction/half-message.ts';

/**
 * SEND_MESSAGE (10), SEND_MESSAGE_V2 (310) and SEND_BATCH_MESSAGE (320): SendMessageProcessor. Works on the bytes of the
 * request: a message that is sent and stored leaves nothing behind for the garbage collector but its topic's name.
 */
export function sendMessage(broker: BrokerContext): HotProcessor {
  const processor = new SendMessageProcessor(broker);
  return (connection, header, buffer, bodyStart, bodyEnd) => {
    processor.process(connection, header, buffer, bodyStart, bodyEnd);
    return true;
  };
}

class SendMessageProcessor {
  readonly #broker: BrokerContext;
  readonly #request = new SendRequest();
  readonly #message = new AppendMessage();
  readonly #properties: StoredProperties;
  readonly #replies: SendReplies;
  readonly #batch: BatchSend;
  readonly #delayLevels: DelayLevels;
  readonly #syncFlush: boolean;
  /** Of the message at hand, when it waits for its time. */
  #recallHandle: string | undefined;

  constructor(broker: BrokerContext) {
    const { config } = broker;
    this.#broker = broker;
    this.#properties = new StoredProperties({
      regionId: config.regionId,
      traceOn: config.traceOn,
      clusterName: config.brokerClusterName,
    });
    this.#replies = new SendReplies(broker);
    this.#batch = new BatchSend(broker, this.#replies);
    this.#delayLevels = new DelayLevels(config.messageDelayLevel);
    this.#syncFlush = config.flushDiskType === 'SYNC_FLUSH';
    this.#message.storeHost = broker.storeHost;
  }

  process(
    connection: Connection,
    header: HeaderView,
    buffer: Buffer,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    try {
      this.#send(connection, header, buffer, bodyStart, bodyEnd);
    } catch (error) {
      if (!(error instanceof RocketMQError) || error.responseCode === undefined) throw error;
      this.#broker.stats.putFailed();
      this.#replies.refuse(connection, header, error.responseCode, error.message);
    }
  }

  #send(
    connection: Connection,
    header: HeaderView,
    buffer: Buffer,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    const request = this.#request;
    const { fastFailure } = this.#broker;
    if (fastFailure.late) throw fastFailure.refusal(this.#broker.acknowledgements.pending);
    request.read(header);
    const topic = admitSend(this.#broker, request, connection.remoteAddress);
    this.#fill(connection, topic, buffer, bodyStart, bodyEnd);
    const properties = this.#properties;
    properties.load(request.copyProperties(properties.bytes));
    const half = this.#isHalf(request.sysFlag);
    const gate = this.#openGate(properties.scan.noWait);
    if (request.batch) {
      if (half)
        throw new ResponseError(
          ResponseCode.MESSAGE_ILLEGAL,
          'the message is illegal: a batch in a transaction',
        );
      this.#batch.append(this.#message, connection, header, gate, properties);
      return;
    }
    const { queueId } = this.#message;
    this.#recallHandle = undefined;
    if (half) this.#prepare();
    else this.#complete(header);
    this.#append(connection, header, gate, queueId);
  }

  #fill(
    connection: Connection,
    topic: TopicConfig,
    buffer: Buffer,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    const request = this.#request;
    const message = this.#message;
    if (bodyEnd <= bodyStart)
      throw new ResponseError(ResponseCode.MESSAGE_ILLEGAL, 'the message is illegal: it has no body');
    message.topic = request.topic;
    message.queueId = chooseQueue(topic, request.queueId);
    message.flag = request.flag;
    message.sysFlag =
      topic.topicFilterType === 'MULTI_TAG'
        ? request.sysFlag | MessageSysFlag.MULTI_TAGS_FLAG
        : request.sysFlag;
    message.bornTimestamp = request.bornTimestamp;
    message.bornHost = connection.remoteHost;
    message.reconsumeTimes = request.reconsumeTimes;
    message.preparedTransactionOffset = 0;
    message.body = buffer;
    message.bodyStart = bodyStart;
    message.bodyEnd = bodyEnd;
    message.properties = this.#properties.bytes;
    message.places = this.#properties.scan;
    message.tagsCode = undefined;
  }

  /**
   * Whether the message is the half of a transaction: TRAN_MSG says so, but in a message that a consumer sends back for
   * a later try, where it is left over.
   */
  #isHalf(sysFlag: number): boolean {
    const { scan } = this.#properties;
    if (scan.transactional && !(this.#request.reconsumeTimes > 0 && scan.delayed)) return true;
    const type = sysFlag & MessageSysFlag.TRANSACTION_MASK;
    if (type === MessageSysFlag.TRANSACTION_NOT_TYPE || type === MessageSysFlag.TRANSACTION_COMMIT_TYPE)
      return false;
    // It would be stored where no one, not even its producer, can get at it.
    throw new ResponseError(
      ResponseCode.MESSAGE_ILLEGAL,
      'the message is illegal: a prepared message without TRAN_MSG',
    );
  }

  /** Brings a half message into the form it waits in. */
  #prepare(): void {
    const broker = this.#broker;
    const message = this.#message;
    const { scan } = this.#properties;
    if (broker.config.rejectTransactionMessage) {
      throw new ResponseError(
        ResponseCode.NO_PERMISSION,
        `the broker[${broker.address}] sending transaction message is forbidden`,
      );
    }
    const properties = this.#properties.toMap();
    // RocketMQ's broker takes it and loses it on the way.
    if (scan.timed || this.#delayLevels.levelOf(properties) > 0) {
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        'the message is illegal: the message of a transaction can not be delayed',
      );
    }
    prepareHalf(properties, message.topic, message.queueId);
    this.#properties.replace(properties);
    message.topic = SystemTopic.TRANS_HALF;
    message.queueId = 0;
    message.sysFlag &= ~MessageSysFlag.TRANSACTION_MASK;
    message.propertiesStart = 0;
    message.propertiesEnd = this.#properties.length;
  }

  #openGate(noWait: boolean): ReplyGate {
    const { acknowledgements } = this.#broker;
    const gate = this.#syncFlush && !noWait ? acknowledgements.flushed : acknowledgements.written;
    if (acknowledgements.hasRoom(gate)) return gate;
    throw new ResponseError(
      ResponseCode.SYSTEM_BUSY,
      `[OVERLOAD]system busy, start flow control for a while, ${gate.size} messages wait for the disk`,
    );
  }

  /** Brings the properties into the form they are stored in, and sends retries and delays on their detours. */
  #complete(header: HeaderView): void {
    const message = this.#message;
    const properties = this.#properties;
    const { scan } = properties;
    if (scan.innerNum)
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        'the message is illegal: INNER_NUM without inner batch',
      );
    const retry = message.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX);
    if (retry || scan.delayed || scan.timed) this.#detour(header, retry);
    else properties.complete();
    message.propertiesStart = 0;
    message.propertiesEnd = properties.length;
  }

  #detour(header: HeaderView, retry: boolean): void {
    const message = this.#message;
    const properties = this.#properties.toMap();
    const deadLetterTopic = retry
      ? deadLetterTopicOf(
          this.#broker,
          {
            retryTopic: message.topic,
            reconsumeTimes: message.reconsumeTimes,
            maxReconsumeTimes: this.#request.maxReconsumeTimes(),
            version: header.version,
          },
          properties,
        )
      : undefined;
    if (deadLetterTopic !== undefined) {
      message.topic = deadLetterTopic;
      message.queueId = 0;
    }
    const place = this.#broker.delayDetour.divert(properties, message.topic, message.queueId);
    if (place) {
      message.topic = place.topic;
      message.queueId = place.queueId;
      this.#recallHandle = recallHandleOf(properties, this.#broker.config.brokerName);
    }
    this.#properties.replace(properties);
  }

  /** @param queueId what the answer says: the queue the message was sent to, whatever detour it takes */
  #append(connection: Connection, header: HeaderView, gate: ReplyGate, queueId: number): void {
    const broker = this.#broker;
    const result = broker.store.append(this.#message);
    if (result.status !== 'PUT_OK')
      throw refusalOf(result.status, broker.store, broker.config.maxMessageSize);
    broker.tick.schedule();
    broker.stats.put(this.#message.topic, 1, result.size);
    if (header.isOneway) return;
    this.#replies.hold(gate, connection, header, queueId, result, this.#properties, this.#recallHandle);
  }
}
