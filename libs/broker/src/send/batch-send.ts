import { RocketMQError } from '@nest-rocketmq/runtime';
import {
  decodeBatch,
  MixAll,
  offsetMessageId,
  ResponseCode,
  type BatchPart,
  type HeaderView,
} from '@nest-rocketmq/protocol';
import { ResponseError, type Connection } from '@nest-rocketmq/remoting';
import type { AppendMessage } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { refusalOf } from './put-result.ts';
import type { ReplyGate } from './reply-gate.ts';
import type { SendReplies } from './send-replies.ts';
import type { StoredProperties } from './stored-properties.ts';

const MAX_BATCH_TOPIC_LENGTH = 127;

/**
 * Several messages in one request: stored as consecutive records of one queue, all or none, each with its own
 * properties as they came (SendMessageProcessor.sendBatchMessage).
 */
export class BatchSend {
  readonly #broker: BrokerContext;
  readonly #replies: SendReplies;

  constructor(broker: BrokerContext, replies: SendReplies) {
    this.#broker = broker;
    this.#replies = replies;
  }

  /**
   * Stores the batch in the body of `message` and holds the answer at the gate.
   * @throws ResponseError 13 for a batch to a retry topic, a delayed one, one that can't be decoded or is too large
   */
  append(
    message: AppendMessage,
    connection: Connection,
    header: HeaderView,
    gate: ReplyGate,
    properties: StoredProperties,
  ): void {
    const broker = this.#broker;
    this.#check(message, properties);
    const parts = partsOf(message);
    if (parts.length === 0)
      throw new ResponseError(ResponseCode.MESSAGE_ILLEGAL, 'the message is illegal: an empty batch');
    message.propertiesStart = 0;
    message.propertiesEnd = 0;
    const result = broker.store.appendBatch(message, parts);
    if (result.status !== 'PUT_OK')
      throw refusalOf(result.status, broker.store, broker.config.maxMessageSize);
    broker.tick.schedule();
    broker.stats.put(message.topic, result.count, result.size);
    if (header.isOneway) return;
    const { uniqKeyStart, uniqKeyEnd } = properties.scan;
    const answer = {
      msgId: result.physicalOffsets.map((offset) => offsetMessageId(broker.storeHost, offset)).join(','),
      queueId: message.queueId,
      queueOffset: result.queueOffset,
      transactionId:
        uniqKeyStart < 0 ? undefined : properties.bytes.toString('utf8', uniqKeyStart, uniqKeyEnd),
    };
    this.#replies.holdEncoded(gate, connection, header, answer, result.endOffset);
  }

  #check(message: AppendMessage, properties: StoredProperties): void {
    if (message.topic.length > MAX_BATCH_TOPIC_LENGTH) {
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        `message topic length too long ${message.topic.length}`,
      );
    }
    if (message.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX)) {
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        `batch request does not support retry group ${message.topic}`,
      );
    }
    if (properties.scan.delayed || properties.scan.timed) {
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        'the message is illegal: a batch can not be delayed',
      );
    }
  }
}

function partsOf(message: AppendMessage): BatchPart[] {
  try {
    return decodeBatch(message.body.subarray(message.bodyStart, message.bodyEnd));
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error;
    throw new ResponseError(ResponseCode.MESSAGE_ILLEGAL, `the message is illegal: ${error.message}`);
  }
}
