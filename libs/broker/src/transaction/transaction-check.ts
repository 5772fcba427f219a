import { encodeProperties, MessageConst, PermName } from '@nest-rocketmq/protocol';
import { printable, scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import { AppendMessage, type AppendResult } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';
import { CheckBack } from './check-back.ts';
import { HalfMessage } from './half-message.ts';
import type { HalfQueue } from './half-queue.ts';
import type { TransactionProgress } from './transaction-progress.ts';
import type { TransactionParts } from './transactions.ts';

/** Undecided transactions looked at in one go: the loop serves clients between two goes. */
const BATCH = 500;
const PAUSE_MS = 10;
const HOUR_MS = 3_600_000;
const READ_WRITE = PermName.READ | PermName.WRITE;

/** What the check shares with the transactions it belongs to. */
export interface CheckAccess {
  readonly halves: HalfQueue;
  readonly progress: TransactionProgress;
  /** Notes that a half message needs no more looking after. */
  end(half: HalfMessage): void;
  flushOps(): void;
}

/**
 * Goes through the half queue every `transactionCheckInterval` (TransactionalMessageServiceImpl.check). A half message
 * that is not decided `transactionTimeOut` after its birth is put back at the end of the queue and its producer asked;
 * one that was asked for `transactionCheckMax` times, or is older than the log's files are kept, goes to
 * TRANS_CHECK_MAX_TIME_TOPIC, for an operator to look at.
 *
 * A message may ask for another time than `transactionTimeOut` (CHECK_IMMUNITY_TIME_IN_SECONDS). It is put back, unasked,
 * until that is over, so that the queue moves on; unlike in RocketMQ's broker those rounds do not count as checks, and the
 * producer of the last check gets a round's time to answer.
 */
export class TransactionCheck {
  readonly #parts: TransactionParts;
  readonly #access: CheckAccess;
  readonly #checkBack: CheckBack;
  readonly #message = new AppendMessage();
  #timer: Scheduled | undefined;
  #pause: Scheduled | undefined;

  constructor(parts: TransactionParts, access: CheckAccess) {
    this.#parts = parts;
    this.#access = access;
    this.#checkBack = new CheckBack({ ...parts, brokerName: parts.config.brokerName });
    const sync = parts.config.flushDiskType === 'SYNC_FLUSH';
    parts.store.onProgress((written, flushed) => this.#checkBack.release(sync ? flushed : written));
  }

  start(): void {
    const period = this.#parts.config.transactionCheckInterval;
    this.#timer ??= scheduleEvery(this.#parts.clock, period, period, () => {
      if (!this.#pause) this.#round(this.#parts.clock.now());
    });
  }

  shutdown(): void {
    this.#timer?.cancel();
    this.#pause?.cancel();
  }

  /** Looks at what was stored before `startedAt`; what is put back comes with the next round. */
  #round(startedAt: number): void {
    this.#pause = undefined;
    const { halves, progress } = this.#access;
    let looked = 0;
    while (looked < BATCH) {
      if (halves.passDone()) continue;
      if (!this.#look(startedAt)) break;
      looked++;
    }
    this.#access.flushOps();
    progress.reach(halves.progress);
    this.#parts.tick.schedule();
    if (looked === BATCH) this.#pause = this.#parts.clock.schedule(PAUSE_MS, () => this.#round(startedAt));
  }

  /** @returns false when the round ends at the next half message */
  #look(startedAt: number): boolean {
    const { store, logger, config, clock } = this.#parts;
    const { halves } = this.#access;
    const { next } = halves;
    if (next >= store.getMaxOffset(SystemTopic.TRANS_HALF, 0)) return false;
    const min = store.getMinOffset(SystemTopic.TRANS_HALF, 0);
    if (next < min) {
      logger.error(`The half messages ${next} to ${min} were deleted undecided`);
      halves.pass(min);
      return true;
    }
    const half = HalfMessage.at(store, next);
    if (!half) {
      logger.error(`The half message ${next} can't be read: it is passed over`);
      halves.pass();
      return true;
    }
    const { record } = half;
    if (halves.newest(half) > next) {
      halves.pass();
      return true;
    }
    if (record.storeTimestamp >= startedAt) return false;
    const age = clock.now() - record.bornTimestamp;
    if (
      half.checkTimes >= config.transactionCheckMax ||
      age > config.fileReservedTime * HOUR_MS ||
      !half.real
    )
      return this.#giveUp(half);
    const immunity = half.immunity(config.transactionTimeOut);
    if (immunity !== undefined && age <= immunity) return this.#putBack(half, half.checkTimes) !== undefined;
    // In the order they came: the ones behind it are not due either.
    if (immunity === undefined && age >= 0 && age <= config.transactionTimeOut) return false;
    return this.#ask(half);
  }

  #ask(half: HalfMessage): boolean {
    const { real } = half;
    const copy = this.#putBack(half, half.checkTimes + 1);
    if (!copy || !real) return false;
    const { properties, result } = copy;
    const { queueOffset, physicalOffset, storeTimestamp, endOffset } = result;
    this.#checkBack.ask({ half, real, properties, queueOffset, physicalOffset, storeTimestamp, endOffset });
    return true;
  }

  /** Puts a copy behind the others, and is done with the half message. @returns undefined when that failed */
  #putBack(half: HalfMessage, checkTimes: number): { properties: Buffer; result: AppendResult } | undefined {
    const { halves } = this.#access;
    const properties = new Map(half.record.properties);
    properties.set(MessageConst.PROPERTY_TRANSACTION_PREPARED_QUEUE_OFFSET, String(half.origin));
    if (checkTimes > 0) properties.set(MessageConst.PROPERTY_TRANSACTION_CHECK_TIMES, String(checkTimes));
    const encoded = encodeProperties(properties);
    const result = this.#append(half, SystemTopic.TRANS_HALF, encoded);
    if (!result) return undefined;
    this.#access.end(half);
    halves.replaced(half, result.queueOffset);
    halves.pass();
    return { properties: encoded, result };
  }

  #giveUp(half: HalfMessage): boolean {
    const { logger, topics } = this.#parts;
    const topic = SystemTopic.TRANS_CHECK_MAX_TIME;
    topics.createTopicInSendBack(topic, 1, READ_WRITE);
    if (!this.#append(half, topic, half.record.propertiesBytes)) return false;
    logger.error(
      `Transaction ${printable(half.transactionId ?? '')} of topic ${printable(half.real?.topic ?? '')}, producer group ` +
        `${printable(half.producerGroup ?? '')}, is still undecided after ${half.checkTimes} checks: moved to ${topic}`,
    );
    this.#access.end(half);
    this.#access.halves.pass();
    return true;
  }

  #append(half: HalfMessage, topic: string, properties: Buffer): AppendResult | undefined {
    const { store, storeHost, stats, logger } = this.#parts;
    half.fill(this.#message, properties);
    this.#message.topic = topic;
    this.#message.queueId = 0;
    this.#message.storeHost = storeHost;
    const result = store.append(this.#message);
    if (result.status !== 'PUT_OK') {
      logger.error(`The half message ${half.queueOffset} can't be put to ${topic}: ${result.status}`);
      return undefined;
    }
    stats.put(topic, 1, result.size);
    this.#access.progress.appended(result.endOffset);
    return result;
  }
}
