import { Injectable } from '@nestjs/common';
import { Outbox } from '@nest-rocketmq/consumer-log';
import {
  RocketMQTransactionListener,
  type MessageExt,
  type RocketMQLocalTransactionListener,
  type RocketMQLocalTransactionState,
  type TransactionMessage,
} from 'nest-rocketmq';
import { PAY_TOPIC, PayStatus } from '@sample-shop/api';
import type { Id, PaymentMade, ShopEvents } from '@sample-shop/api';
import { DataSource, Not } from 'typeorm';
import { Timeline } from '../timeline/timeline.ts';
import { PaymentEntity } from './pay.entities.ts';

/** A local transaction that has not begun to write within this time writes nothing. */
const TIME_TO_BEGIN_MS = 10_000;
/** Without a row after this time there never will be one; the clocks of replicas may differ by what is more than the above. */
const SURELY_OVER_MS = 30_000;

/** What a local transaction has to know: the payment, and when its message was about to be sent. */
export interface PaymentToMake {
  readonly payment: PaymentMade;
  readonly since: number;
}

/**
 * The local transactions of `payTopic`: a payment is paid, and a row says so, with one commit. The row is what the broker is answered
 * by when it asks, whichever replica it asks.
 */
@Injectable()
@RocketMQTransactionListener({ topic: PAY_TOPIC })
export class PaymentTransactions implements RocketMQLocalTransactionListener<PaymentToMake> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox<ShopEvents>,
    private readonly timeline: Timeline,
  ) {}

  /**
   * Marks the payment paid. Of several callbacks one does; the messages of the others are rolled back.
   * @throws what the database throws: whether it was committed is found out when the broker asks
   */
  async executeLocalTransaction(
    message: TransactionMessage,
    { payment, since }: PaymentToMake,
  ): Promise<RocketMQLocalTransactionState> {
    const { payId } = payment;
    const paid = await this.dataSource.transaction(async (manager) => {
      const marked = await manager.update(
        PaymentEntity,
        { payId, isPaid: Not(PayStatus.PAID) },
        { isPaid: PayStatus.PAID },
      );
      if (marked.affected !== 1) return false;
      // Now the row is locked: the broker's question waits for the end of this, or was answered before.
      if (Date.now() - since > TIME_TO_BEGIN_MS)
        throw new Error(`Payment ${payId} was not marked in time; its callback has to come again`);
      await this.outbox.record(manager, 'payTopic:paid', payment, { keys: payId });
      return true;
    });
    return this.#ended(message, paid ? 'COMMIT' : 'ROLLBACK');
  }

  /** Whether the row is there. While it may still come nobody is told that it never will. */
  async checkLocalTransaction(message: MessageExt): Promise<RocketMQLocalTransactionState> {
    const [payId = ''] = message.keys;
    await this.#waitForOthers(payId);
    if (await this.outbox.recorded(PAY_TOPIC, payId)) return this.#ended(message, 'COMMIT');
    if (Date.now() - message.bornTimestamp < SURELY_OVER_MS) return 'UNKNOWN';
    return this.#ended(message, 'ROLLBACK');
  }

  /** A local transaction that runs elsewhere has the payment locked. */
  async #waitForOthers(payId: Id): Promise<void> {
    await this.dataSource.transaction((manager) =>
      manager.findOne(PaymentEntity, { where: { payId }, lock: { mode: 'pessimistic_write' } }),
    );
  }

  #ended(
    message: TransactionMessage | MessageExt,
    state: 'COMMIT' | 'ROLLBACK',
  ): RocketMQLocalTransactionState {
    this.timeline.transactionEnded(message, state === 'COMMIT' ? 'committed' : 'rolled back');
    return state;
  }
}
