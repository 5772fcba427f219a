import { Decimal } from 'decimal.js';
import { Column, Entity } from 'typeorm';
import type { Id, User } from '@sample-shop/api';
import { MoneyColumn, PrimaryIdColumn, StatusKeyColumn, TimeColumn } from '../common/database/columns.ts';

/** A user, with a balance and a score. */
@Entity('trade_user')
export class UserEntity {
  @PrimaryIdColumn('user_id')
  userId!: Id;

  @Column({ name: 'user_name', type: 'varchar', length: 255 })
  userName!: string;

  /** A hash; never read unless asked for. */
  @Column({ name: 'user_password', type: 'varchar', length: 255, select: false })
  userPassword!: string;

  @Column({ name: 'user_mobile', type: 'varchar', length: 32 })
  userMobile!: string;

  @Column({ name: 'user_score', type: 'int' })
  userScore!: number;

  @TimeColumn('user_reg_time')
  userRegTime!: Date;

  @MoneyColumn('user_money')
  userMoney!: Decimal;
}

/** `money_log_type`. */
export const MoneyLogType = {
  /** The balance that a user began with. */
  INITIAL: 0,
  /** Paid from the balance. */
  PAID: 1,
  /** What was paid from the balance for an order, given back. */
  REFUNDED: 2,
  /** A payment for an order that was cancelled meanwhile. */
  PAYMENT_REFUNDED: 3,
} as const;

/**
 * What was done to a balance for an order, each at most once. A refund of nothing says that the order is cancelled, so that
 * nothing can be taken for it any more.
 */
@Entity('trade_user_money_log')
export class UserMoneyLogEntity {
  @PrimaryIdColumn('user_id')
  userId!: Id;

  @PrimaryIdColumn('order_id')
  orderId!: Id;

  @StatusKeyColumn('money_log_type')
  moneyLogType!: number;

  @MoneyColumn('use_money')
  useMoney!: Decimal;

  @TimeColumn('create_time')
  createTime!: Date;
}

/** As other services see it. */
export function toUser(user: UserEntity): User {
  const { userId, userName, userMobile, userScore, userRegTime, userMoney } = user;
  return {
    userId,
    userName,
    userMobile,
    userScore,
    userRegTime: userRegTime.toISOString(),
    userMoney: userMoney.toFixed(2),
  };
}
