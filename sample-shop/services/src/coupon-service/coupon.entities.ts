import { Decimal } from 'decimal.js';
import { Entity } from 'typeorm';
import type { Coupon, Id } from '@sample-shop/api';
import {
  IdColumn,
  MoneyColumn,
  PrimaryIdColumn,
  StatusColumn,
  StatusKeyColumn,
  TimeColumn,
} from '../common/database/columns.ts';

/** A coupon of a user. */
@Entity('trade_coupon')
export class CouponEntity {
  @PrimaryIdColumn('coupon_id')
  couponId!: Id;

  @MoneyColumn('coupon_price')
  couponPrice!: Decimal;

  @IdColumn('user_id')
  userId!: Id;

  @IdColumn('order_id', { nullable: true })
  orderId!: Id | null;

  /** 0 unused, 1 used. */
  @StatusColumn('is_used')
  isUsed!: number;

  @TimeColumn('used_time', { nullable: true })
  usedTime!: Date | null;
}

/** `direction` of a log row. */
export const CouponDirection = { USED: 1, FREED: 2 } as const;

/**
 * What was done to a coupon for an order: at most once used, and once freed. Freed without used says that the order is cancelled,
 * so that it can't use the coupon any more.
 */
@Entity('trade_coupon_log')
export class CouponLogEntity {
  @PrimaryIdColumn('coupon_id')
  couponId!: Id;

  @PrimaryIdColumn('order_id')
  orderId!: Id;

  @StatusKeyColumn('direction')
  direction!: number;

  @TimeColumn('log_time')
  logTime!: Date;
}

/** As other services see it. */
export function toCoupon({ couponPrice, usedTime, ...coupon }: CouponEntity): Coupon {
  return { ...coupon, couponPrice: couponPrice.toFixed(2), usedTime: usedTime?.toISOString() ?? null };
}
