import {
  CheckTransactionState,
  encodeRecord,
  offsetMessageId,
  RemotingCommand,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import { printable, type Logger } from '@nest-rocketmq/runtime';
import type { ProducerManager } from '../client/producer-manager.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import type { HalfMessage, RealPlace } from './half-message.ts';

/** A producer that doesn't read what it is sent is passed over for another of its group. */
const BUSY_BYTES = 1024 * 1024;

/** The copy of a half message that a question is about: an answer names its places. */
export interface HalfCopy {
  readonly half: HalfMessage;
  readonly real: RealPlace;
  readonly properties: Buffer;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly storeTimestamp: number;
  /** The log must be readable up to here before the question leaves: the answer may come at once. */
  readonly endOffset: number;
}

/**
 * Asks producers what became of their transactions (39, AbstractTransactionalMessageCheckListener.sendCheckMessage): one
 * live producer of the group, in turn. There is no answer to this one-way request but END_TRANSACTION (37).
 */
export class CheckBack {
  readonly #producers: ProducerManager;
  readonly #storeHost: Buffer;
  readonly #brokerName: string;
  readonly #logger: Logger;
  readonly #waiting: HalfCopy[] = [];
  #turn = 0;

  constructor(parts: { producers: ProducerManager; storeHost: Buffer; brokerName: string; logger: Logger }) {
    this.#producers = parts.producers;
    this.#storeHost = parts.storeHost;
    this.#brokerName = parts.brokerName;
    this.#logger = parts.logger;
  }

  /** Asks as soon as the log is readable up to the copy's end. */
  ask(copy: HalfCopy): void {
    this.#waiting.push(copy);
  }

  /** The log is readable up to `offset`. */
  release(offset: number): void {
    const first = this.#waiting[0];
    if (first === undefined || first.endOffset > offset) return;
    let count = 1;
    while ((this.#waiting[count]?.endOffset ?? Infinity) <= offset) count++;
    for (const copy of this.#waiting.splice(0, count)) this.#send(copy);
  }

  #send(copy: HalfCopy): void {
    const group = copy.half.producerGroup ?? '';
    const connection = this.#producerOf(group);
    if (!connection) {
      this.#logger.warn(
        `No producer of group ${printable(group)} is connected to be asked for transaction ` +
          `${printable(copy.half.transactionId ?? '')} of topic ${printable(copy.real.topic)}: asked again later`,
      );
      return;
    }
    const { transactionId } = copy.half;
    const fields = CheckTransactionState.request.encode({
      topic: SystemTopic.TRANS_HALF,
      tranStateTableOffset: copy.queueOffset,
      commitLogOffset: copy.physicalOffset,
      msgId: transactionId,
      transactionId,
      offsetMsgId: offsetMessageId(this.#storeHost, copy.physicalOffset),
      bname: this.#brokerName,
    });
    const body = this.#bodyOf(copy);
    connection.oneway(RemotingCommand.request(CheckTransactionState.code, fields, body).markOneway());
  }

  #bodyOf(copy: HalfCopy): Buffer {
    const { record, bornHost } = copy.half;
    return encodeRecord({
      topic: copy.real.topic,
      queueId: copy.real.queueId,
      body: record.body,
      properties: copy.properties,
      bornHost,
      storeHost: this.#storeHost,
      flag: record.flag,
      sysFlag: record.sysFlag,
      queueOffset: copy.queueOffset,
      physicalOffset: copy.physicalOffset,
      bornTimestamp: record.bornTimestamp,
      storeTimestamp: copy.storeTimestamp,
      reconsumeTimes: record.reconsumeTimes,
    });
  }

  #producerOf(group: string): Connection | undefined {
    const channels = this.#producers.channels(group) ?? [];
    const open = channels.map((channel) => channel.connection).filter((connection) => !connection.closed);
    const idle = open.filter((connection) => connection.queuedBytes < BUSY_BYTES);
    const candidates = idle.length > 0 ? idle : open;
    return candidates[this.#turn++ % Math.max(1, candidates.length)];
  }
}
