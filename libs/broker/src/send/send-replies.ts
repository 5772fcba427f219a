import {
  encodeCommand,
  offsetMessageId,
  RemotingCommand,
  SendMessage,
  SerializeType,
  type HeaderView,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { AppendResult } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import type { ReplyGate } from './reply-gate.ts';
import { SendReplyTemplate } from './send-reply.ts';
import type { StoredProperties } from './stored-properties.ts';

const NO_BODY = Buffer.alloc(0);

/** What the sender of a stored message is told. */
export interface SendAnswer {
  readonly msgId: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly transactionId: string | undefined;
  /** With which a message that waits for its time can be taken back. */
  readonly recallHandle?: string | undefined;
}

/** The answers to sends: composed from a template where the header is JSON, encoded in the ordinary way elsewhere. */
export class SendReplies {
  readonly #broker: BrokerContext;
  readonly #template: SendReplyTemplate;

  constructor(broker: BrokerContext) {
    this.#broker = broker;
    this.#template = new SendReplyTemplate({
      regionId: broker.config.regionId,
      traceOn: broker.config.traceOn,
      messageIdPrefix: broker.storeHost.toString('hex').toUpperCase(),
    });
  }

  /** Holds the answer to one stored message at the gate. `queueId` is the one its record carries. */
  hold(
    gate: ReplyGate,
    connection: Connection,
    header: HeaderView,
    queueId: number,
    result: AppendResult,
    properties: StoredProperties,
    recallHandle?: string,
  ): void {
    if (header.serializeType === SerializeType.JSON && recallHandle === undefined) {
      const slot = gate.slot();
      const length = this.#template.compose(
        gate.bytes,
        slot,
        header.opaque,
        queueId,
        result.queueOffset,
        result.physicalOffset,
        properties.bytes,
        properties.scan.uniqKeyStart,
        properties.scan.uniqKeyEnd,
      );
      if (length > 0) {
        gate.hold(connection, result.endOffset, length);
        return;
      }
    }
    const transactionId = properties.bytes.toString(
      'utf8',
      properties.scan.uniqKeyStart,
      properties.scan.uniqKeyEnd,
    );
    const msgId = offsetMessageId(this.#broker.storeHost, result.physicalOffset);
    this.holdEncoded(
      gate,
      connection,
      header,
      { msgId, queueId, queueOffset: result.queueOffset, transactionId, recallHandle },
      result.endOffset,
    );
  }

  /** Holds an answer of any shape, such as that to a batch. */
  holdEncoded(
    gate: ReplyGate,
    connection: Connection,
    header: HeaderView,
    answer: SendAnswer,
    endOffset: number,
  ): void {
    const fields = SendMessage.response.encode({ ...answer, ...this.#trace() });
    const response = RemotingCommand.response(header.toCommand(NO_BODY), 0, undefined, fields);
    gate.holdFrame(connection, endOffset, encodeCommand(response));
  }

  /** Answers that the message was not stored, and why; one-way senders hear nothing. */
  refuse(connection: Connection, header: HeaderView, code: number, remark: string): void {
    if (header.isOneway) return;
    const { regionId, traceOn } = this.#trace();
    const fields = new Map([
      ['MSG_REGION', regionId],
      ['TRACE_ON', traceOn],
    ]);
    connection.respond(RemotingCommand.response(header.toCommand(NO_BODY), code, remark, fields));
  }

  #trace(): { regionId: string; traceOn: string } {
    return { regionId: this.#broker.config.regionId, traceOn: String(this.#broker.config.traceOn) };
  }
}
