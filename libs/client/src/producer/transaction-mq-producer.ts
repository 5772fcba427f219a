import { decodeOffsetMessageId, MessageConst } from '@nest-rocketmq/protocol';
import {
  RocketMQError,
  silentLogger,
  sleep,
  systemClock,
  type Clock,
  type Logger,
} from '@nest-rocketmq/runtime';
import { inRange } from '../instance/client-options.ts';
import type { ProducerMember } from '../instance/members.ts';
import { SendStatus, type Message, type SendResult } from '../message/message.ts';
import { isTimed } from '../message/timed.ts';
import { illegal } from '../message/validators.ts';
import { withNamespace } from '../namespace/namespace.ts';
import { keysText } from '../trace/trace-hooks.ts';
import { DefaultMQProducer, type ProducerOptions } from './default-mq-producer.ts';
import { TransactionChecks, type TransactionCheckSettings } from './transaction-check.ts';
import { endTransactionRequest, outcomeOf, type LocalOutcome } from './transaction-end.ts';
import {
  LocalTransactionState,
  type TransactionListener,
  type TransactionSendOptions,
  type TransactionSendResult,
} from './transaction-types.ts';

const DEFAULTS: TransactionCheckSettings = {
  checkConcurrency: 16,
  checkRequestHoldMax: 2000,
  checkTimeout: 30_000,
};

/** Options of a transaction producer. */
export interface TransactionProducerOptions extends ProducerOptions {
  /** Runs local transactions and answers for them: for those of the whole group, whichever process they were of. */
  transactionListener: TransactionListener;
  /** How many checks run at the same time. Default 16. */
  checkConcurrency?: number;
  /** How many more checks may wait for their turn; the broker asks again for those beyond. Default 2000. */
  checkRequestHoldMax?: number;
  /** After this time, in milliseconds, a check counts as failed. Default 30 000. */
  checkTimeout?: number;
}

/**
 * Sends messages that are delivered when a local transaction has succeeded, and only then (`TransactionMQProducer`).
 *
 * The broker keeps the half message while the local transaction runs; the producer tells it the end. When that doesn't
 * arrive (a crash, a lost connection), the broker asks any live producer of the group, so the group's name must be the
 * same in all processes of the application and stay the same, and each process must be able to answer.
 *
 * ```ts
 * const { COMMIT_MESSAGE, ROLLBACK_MESSAGE } = LocalTransactionState;
 * const producer = new TransactionMQProducer({ group: 'pay-service', nameServer, transactionListener: {
 *   executeLocalTransaction: async (message, payment) => { await book(payment); return COMMIT_MESSAGE; },
 *   checkLocalTransaction: async (message) => (await isBooked(message.keys[0])) ? COMMIT_MESSAGE : ROLLBACK_MESSAGE,
 * } });
 * await producer.start();
 * await producer.sendMessageInTransaction({ topic: 'pay', keys: ['42'], body }, payment);
 * ```
 */
export class TransactionMQProducer extends DefaultMQProducer {
  readonly #listener: TransactionListener;
  readonly #checks: TransactionChecks;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #namespace: string;
  readonly #open = new Set<Promise<unknown>>();
  readonly #patience: number;
  #leaving = false;

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: TransactionProducerOptions) {
    super(options);
    this.#listener = options.transactionListener;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#namespace = options.namespace ?? '';
    this.#patience = options.sendMsgTimeout ?? 3000;
    const settings = checkSettings(options);
    this.#checks = new TransactionChecks({
      group: this.group,
      listener: this.#listener,
      settings,
      clock: this.#clock,
      logger: this.#logger,
      hook: this.endTransactionHook,
    });
  }

  /**
   * Sends a half message, runs its local transaction, and tells the broker how that ended.
   *
   * The half message is stored as safely as the broker is configured to, or rolled back: then its local transaction
   * doesn't run. A delay level is left out. That the broker could not be told is no error: it asks.
   * @param arg handed to `executeLocalTransaction`
   * @returns how the local transaction ended, and what it failed with
   * @throws RocketMQError when the half message was not stored: as {@link DefaultMQProducer.send}. The local transaction
   *   has not run then
   */
  sendMessageInTransaction(
    message: Message,
    arg?: unknown,
    options: TransactionSendOptions = {},
  ): Promise<TransactionSendResult> {
    if (this.#leaving)
      return Promise.reject(new RocketMQError('WRONG_STATE', 'The transaction producer is shutting down'));
    const transaction = this.#transaction(message, arg, options);
    this.#open.add(transaction);
    const closed = (): void => void this.#open.delete(transaction);
    transaction.then(closed, closed);
    return transaction;
  }

  /**
   * Waits for the local transactions that are under way, no longer than `sendMsgTimeout`, and leaves the cluster. The
   * broker asks the other producers of the group for those that are not ended by then.
   */
  override async shutdown(): Promise<void> {
    this.#leaving = true;
    const done = new AbortController();
    const patience = sleep(this.#clock, this.#patience, done.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#open), patience]);
    done.abort();
    this.#checks.stop();
    await super.shutdown();
  }

  protected override member(): ProducerMember {
    return { ...super.member(), checkTransaction: (question) => this.#checks.ask(question) };
  }

  async #transaction(
    message: Message,
    arg: unknown,
    options: TransactionSendOptions,
  ): Promise<TransactionSendResult> {
    const half = this.#halfOf(message, options);
    const { execute = this.#executer, checkImmunityTimeInSeconds: _seconds, ...sendOptions } = options;
    const result = await this.send(half, sendOptions);
    const transactionId = result.msgId;
    const outcome =
      result.sendStatus === SendStatus.SEND_OK
        ? await outcomeOf(() => execute({ ...message, transactionId }, arg))
        : { state: LocalTransactionState.ROLLBACK_MESSAGE };
    if (outcome.error !== undefined) {
      this.#logger.error(
        `executeLocalTransaction failed for transaction ${transactionId} of topic ${message.topic}: the broker asks later`,
        outcome.error,
      );
    }
    await this.#end(message, result, outcome);
    return {
      ...result,
      transactionId,
      localTransactionState: outcome.state,
      localException: outcome.error,
    };
  }

  readonly #executer: TransactionListener['executeLocalTransaction'] = (message, arg) =>
    this.#listener.executeLocalTransaction(message, arg);

  #halfOf(message: Message, options: TransactionSendOptions): Message {
    if (isTimed(message))
      throw illegal('The message of a transaction can not be delayed: it is delivered when it is committed');
    const { delayLevel: _level, ...half } = message;
    const seconds = options.checkImmunityTimeInSeconds;
    if (seconds !== undefined && !(Number.isSafeInteger(seconds) && seconds >= 0))
      throw illegal(`checkImmunityTimeInSeconds is a number of whole seconds, not ${seconds}`);
    return {
      ...half,
      systemProperties: {
        ...message.systemProperties,
        ...(seconds !== undefined && {
          [MessageConst.PROPERTY_CHECK_IMMUNITY_TIME_IN_SECONDS]: String(seconds),
        }),
        [MessageConst.PROPERTY_TRANSACTION_PREPARED]: 'true',
        [MessageConst.PROPERTY_PRODUCER_GROUP]: this.group,
      },
    };
  }

  async #end(message: Message, result: SendResult, outcome: LocalOutcome): Promise<void> {
    const { topic } = message;
    const { brokerName } = result.messageQueue;
    try {
      const { routes, remoting } = this.instance;
      const address = routes.brokerAddress(brokerName);
      if (address === undefined)
        throw new RocketMQError('NO_BROKER', `The broker ${brokerName} has no master now`);
      const request = endTransactionRequest(
        {
          topic: withNamespace(this.#namespace, topic),
          producerGroup: this.group,
          tranStateTableOffset: result.queueOffset,
          commitLogOffset: decodeOffsetMessageId(result.offsetMsgId).offset,
          fromTransactionCheck: false,
          msgId: result.msgId,
          transactionId: result.transactionId,
          bname: brokerName,
        },
        outcome,
        'executeLocalTransactionBranch',
      );
      await remoting.oneway(address, request);
      this.endTransactionHook?.endTransaction({
        producerGroup: this.group,
        topic,
        tags: message.tags,
        keys: keysText(message.keys),
        msgId: result.msgId,
        transactionId: result.transactionId ?? result.msgId,
        transactionState: outcome.state,
        fromTransactionCheck: false,
        brokerAddress: address,
        endedAt: this.#clock.now(),
      });
    } catch (error) {
      this.#logger.warn(
        `Transaction ${result.msgId} of topic ${topic} ended (${outcome.state}), and the broker ${brokerName} could not be ` +
          'told: it asks later',
        error,
      );
    }
  }
}

function checkSettings(options: TransactionProducerOptions): TransactionCheckSettings {
  const settings = {
    checkConcurrency: options.checkConcurrency ?? DEFAULTS.checkConcurrency,
    checkRequestHoldMax: options.checkRequestHoldMax ?? DEFAULTS.checkRequestHoldMax,
    checkTimeout: options.checkTimeout ?? DEFAULTS.checkTimeout,
  };
  inRange('checkConcurrency', settings.checkConcurrency, 0, 1, 1000);
  inRange('checkRequestHoldMax', settings.checkRequestHoldMax, 0, 0, 1_000_000);
  inRange('checkTimeout', settings.checkTimeout, 0, 1, 0x7fff_ffff);
  return settings;
}
