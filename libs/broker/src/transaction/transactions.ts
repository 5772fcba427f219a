import {
  decodeRecord,
  encodeProperties,
  MessageConst,
  MessageSysFlag,
  ResponseCode,
  type EndTransactionRequestHeader,
} from '@nest-rocketmq/protocol';
import { ResponseError, type Tick } from '@nest-rocketmq/remoting';
import type { Clock, Logger } from '@nest-rocketmq/runtime';
import { AppendMessage, type AppendResult, type MessageStore } from '@nest-rocketmq/store';
import type { BrokerConfig } from '../config/broker-config.ts';
import type { ProducerManager } from '../client/producer-manager.ts';
import type { ConsumerOffsetManager } from '../offset/consumer-offset-manager.ts';
import { refusalOf } from '../send/put-result.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import type { TopicConfigManager } from '../topic/topic-config-manager.ts';
import { HalfMessage, type RealPlace } from './half-message.ts';
import { HalfQueue } from './half-queue.ts';
import { fillOp } from './op-records.ts';
import { TransactionCheck } from './transaction-check.ts';
import { TransactionProgress } from './transaction-progress.ts';

/** What transactions take from the broker's configuration. */
export type TransactionConfig = Pick<
  BrokerConfig,
  | 'brokerName'
  | 'fileReservedTime'
  | 'flushDiskType'
  | 'maxMessageSize'
  | 'transactionCheckInterval'
  | 'transactionCheckMax'
  | 'transactionTimeOut'
>;

/** What transactions stand on. */
export interface TransactionParts {
  readonly config: TransactionConfig;
  readonly store: MessageStore;
  readonly topics: TopicConfigManager;
  readonly consumerOffsets: ConsumerOffsetManager;
  readonly producers: ProducerManager;
  readonly stats: BrokerStats;
  readonly tick: Tick;
  /** The time at which messages are stored. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storeHost: Buffer;
}

/** More records of one key than these are taken for other messages. */
const SAME_KEY = 32;

/**
 * The transactions of this broker (TransactionalMessageService). A transaction's message waits in the half topic until
 * its producer commits it (it is stored again, in its real topic) or rolls it back; either way an op record says that the
 * half message is done. Who doesn't decide is asked: {@link TransactionCheck}.
 *
 * Both records of a commit leave in the same write, so a process that is killed leaves both or none; where they were
 * torn apart all the same, the index of keys tells that a message is committed already. RocketMQ's broker collects op
 * records for 3 seconds and, killed before, delivers those messages twice.
 */
export class Transactions {
  readonly #parts: TransactionParts;
  readonly #halves = new HalfQueue();
  readonly #progress: TransactionProgress;
  readonly #check: TransactionCheck;
  readonly #message = new AppendMessage();
  /** Done half messages whose op record the next tick appends. */
  readonly #ended = new Set<number>();

  constructor(parts: TransactionParts) {
    this.#parts = parts;
    this.#progress = new TransactionProgress(parts.store, parts.consumerOffsets);
    this.#check = new TransactionCheck(parts, {
      halves: this.#halves,
      progress: this.#progress,
      end: (half) => this.#end(half),
      flushOps: () => this.flushOps(),
    });
  }

  /** Reads which transactions are open. The store must be loaded. */
  load(): void {
    this.#halves.load(this.#parts.store, this.#progress.load());
  }

  /** Starts asking for undecided transactions, every `transactionCheckInterval`. */
  start(): void {
    this.#check.start();
  }

  /** Stops asking, and appends what is left to say. Resolves when the progress is kept. */
  shutdown(): Promise<void> {
    this.#check.shutdown();
    this.flushOps();
    this.#parts.store.commit();
    return this.#progress.settled();
  }

  /**
   * Appends the op records of the half messages that were decided since the last call: before each tick's write.
   * What the store refuses is tried again.
   */
  flushOps(): void {
    if (this.#ended.size === 0) return;
    const { store, storeHost, clock } = this.#parts;
    for (const half of this.#ended) {
      fillOp(this.#message, half, storeHost, clock.now());
      const result = store.append(this.#message);
      if (result.status !== 'PUT_OK') return;
      this.#progress.appended(result.endOffset);
      this.#halves.record([half], result.queueOffset);
      this.#ended.delete(half);
    }
  }

  /**
   * Commits or rolls back (EndTransactionProcessor). A commit that was carried out before is not repeated.
   * @returns up to where the log must be written before the answer may leave; 0 when nothing was appended
   * @throws ResponseError 1 when there is no such half message, or it is another one's; 604 when the message asked for
   *   a time without checks and that is over; 13 or 14 when the message can't be stored
   */
  end(header: EndTransactionRequestHeader): number {
    const half = HalfMessage.read(this.#parts.store, header.commitLogOffset);
    if (!half) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'Find prepared transaction message failed');
    this.#checkImmunity(half, header);
    if (half.producerGroup !== header.producerGroup)
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'The producer group wrong');
    if (half.queueOffset !== header.tranStateTableOffset)
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'The transaction state table offset wrong');
    const commit = header.commitOrRollback === MessageSysFlag.TRANSACTION_COMMIT_TYPE;
    const endOffset = commit ? this.#commit(half, header.fromTransactionCheck === true) : 0;
    this.#end(half);
    this.#parts.tick.schedule();
    return endOffset;
  }

  /**
   * Has the producers of a half message asked again that was given up: a copy is put to the half topic, as one that was
   * never checked (AdminBrokerProcessor.resumeCheckHalfMessage). Committed twice, it is delivered once all the same.
   * @returns up to where the log must be written before the answer may leave
   * @throws ResponseError 1 when there is no such message, or it can't be stored
   */
  resume(physicalOffset: number): number {
    const { store, stats, storeHost, tick } = this.#parts;
    const half = HalfMessage.givenUp(store, physicalOffset);
    if (!half) {
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        `no message of ${SystemTopic.TRANS_CHECK_MAX_TIME} lies at the offset ${physicalOffset}`,
      );
    }
    const properties = new Map(half.record.properties);
    properties.set(MessageConst.PROPERTY_TRANSACTION_CHECK_TIMES, '0');
    // It begins anew, at its own place.
    properties.delete(MessageConst.PROPERTY_TRANSACTION_PREPARED_QUEUE_OFFSET);
    const message = this.#message;
    half.fill(message, encodeProperties(properties));
    message.topic = SystemTopic.TRANS_HALF;
    message.queueId = 0;
    message.storeHost = storeHost;
    const result = store.append(message);
    if (result.status !== 'PUT_OK') {
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        `Put message back to ${SystemTopic.TRANS_HALF} failed: ${result.status}`,
      );
    }
    stats.put(SystemTopic.TRANS_HALF, 1, result.size);
    this.#progress.appended(result.endOffset);
    tick.schedule();
    return result.endOffset;
  }

  #checkImmunity(half: HalfMessage, header: EndTransactionRequestHeader): void {
    if (header.fromTransactionCheck === true) return;
    const { config, clock } = this.#parts;
    const immunity = half.immunity(config.transactionTimeOut);
    if (immunity === undefined) return;
    const age = clock.now() - half.record.bornTimestamp;
    const limit = Math.max(immunity, config.transactionTimeOut);
    if (age <= limit) return;
    throw new ResponseError(
      ResponseCode.ILLEGAL_OPERATION,
      `The transaction was not ended within ${limit} ms: its producer is asked for it`,
    );
  }

  #end(half: HalfMessage): void {
    for (const offset of this.#halves.end(half)) this.#ended.add(offset);
  }

  #commit(half: HalfMessage, fromCheck: boolean): number {
    const { store, config, stats, storeHost } = this.#parts;
    const { real } = half;
    if (!real)
      throw new ResponseError(ResponseCode.MESSAGE_ILLEGAL, 'The half message names no topic it could go to');
    // Who is asked may have committed before; so may one whose transaction is not open any more.
    if ((fromCheck || !this.#halves.isOpen(half)) && this.#isCommitted(half, real)) return 0;
    const message = this.#message;
    half.fill(message, committedProperties(half));
    message.topic = real.topic;
    message.queueId = real.queueId;
    message.sysFlag |= MessageSysFlag.TRANSACTION_COMMIT_TYPE;
    message.preparedTransactionOffset = half.record.physicalOffset;
    message.storeHost = storeHost;
    const result: AppendResult = store.append(message);
    if (result.status !== 'PUT_OK') throw refusalOf(result.status, store, config.maxMessageSize);
    stats.put(real.topic, 1, result.size);
    this.#progress.appended(result.endOffset);
    return result.endOffset;
  }

  /** Whether the store holds the committed message. Without an index of keys, it is taken not to. */
  #isCommitted(half: HalfMessage, real: RealPlace): boolean {
    const { transactionId } = half;
    if (!transactionId) return false;
    const { store } = this.#parts;
    // What this turn appended is to be found, too.
    this.flushOps();
    store.commit();
    const { records } = store.queryByKey(real.topic, transactionId, SAME_KEY, 0, Number.MAX_SAFE_INTEGER);
    return records.some((bytes) => {
      const record = decodeRecord(bytes, 0);
      const type = (record?.sysFlag ?? 0) & MessageSysFlag.TRANSACTION_MASK;
      return (
        type === MessageSysFlag.TRANSACTION_COMMIT_TYPE &&
        record?.property(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) === transactionId
      );
    });
  }
}

/** Consumers see the message as it was sent; Java's take its id for the transaction's because TRAN_MSG is still there. */
function committedProperties(half: HalfMessage): Buffer {
  const properties = new Map(half.record.properties);
  properties.delete(MessageConst.PROPERTY_REAL_TOPIC);
  properties.delete(MessageConst.PROPERTY_REAL_QUEUE_ID);
  return encodeProperties(properties);
}
