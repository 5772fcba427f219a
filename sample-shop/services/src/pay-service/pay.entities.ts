import { Decimal } from 'decimal.js';
import { Column, Entity } from 'typeorm';
import type { Id, Payment, PaymentMade } from '@sample-shop/api';
import {
  IdColumn,
  MoneyColumn,
  PrimaryIdColumn,
  StatusColumn,
  TimeColumn,
} from '../common/database/columns.ts';

/** A payment of an order, which has one at most. */
@Entity('trade_pay')
export class PaymentEntity {
  @PrimaryIdColumn('pay_id')
  payId!: Id;

  @IdColumn('order_id')
  orderId!: Id;

  /** Whose order it is. */
  @IdColumn('user_id')
  userId!: Id;

  @MoneyColumn('pay_amount')
  payAmount!: Decimal;

  /** `PayStatus`. */
  @StatusColumn('is_paid')
  isPaid!: number;
}

/** The payment log: every payment that was made, as the others heard of it. */
@Entity('trade_pay_log')
export class PaymentLogEntity {
  @PrimaryIdColumn('pay_id')
  payId!: Id;

  @IdColumn('order_id')
  orderId!: Id;

  @IdColumn('user_id')
  userId!: Id;

  @MoneyColumn('pay_amount')
  payAmount!: Decimal;

  @Column({ name: 'msg_id', type: 'varchar', length: 255 })
  msgId!: string;

  @TimeColumn('log_time')
  logTime!: Date;
}

/** As other services see it. */
export function toPayment({ payId, orderId, payAmount, isPaid }: PaymentEntity): Payment {
  return { payId, orderId, payAmount: payAmount.toFixed(2), isPaid };
}

/** What is told of it when it was made. */
export function toPaymentMade({ payId, orderId, userId, payAmount }: PaymentEntity): PaymentMade {
  return { payId, orderId, userId, payAmount: payAmount.toFixed(2) };
}
