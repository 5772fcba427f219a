import { Decimal } from 'decimal.js';
import { Column, Entity } from 'typeorm';
import type { Id, Order } from '@sample-shop/api';
import {
  IdColumn,
  MoneyColumn,
  PrimaryIdColumn,
  StatusColumn,
  TimeColumn,
} from '../common/database/columns.ts';

/** An order. What the numbers of the statuses mean: `OrderStatus`, `PayStatus`, `ShippingStatus`. */
@Entity('trade_order')
export class OrderEntity {
  @PrimaryIdColumn('order_id')
  orderId!: Id;

  @IdColumn('user_id')
  userId!: Id;

  @StatusColumn('order_status')
  orderStatus!: number;

  @StatusColumn('pay_status')
  payStatus!: number;

  @StatusColumn('shipping_status')
  shippingStatus!: number;

  @Column({ name: 'address', type: 'varchar', length: 255 })
  address!: string;

  @Column({ name: 'consignee', type: 'varchar', length: 255 })
  consignee!: string;

  @IdColumn('goods_id')
  goodsId!: Id;

  @Column({ name: 'goods_number', type: 'int' })
  goodsNumber!: number;

  @MoneyColumn('goods_price')
  goodsPrice!: Decimal;

  @MoneyColumn('goods_amount')
  goodsAmount!: Decimal;

  @MoneyColumn('shipping_fee')
  shippingFee!: Decimal;

  @MoneyColumn('order_amount')
  orderAmount!: Decimal;

  @IdColumn('coupon_id', { nullable: true })
  couponId!: Id | null;

  @MoneyColumn('coupon_paid')
  couponPaid!: Decimal;

  /** What the balance pays. */
  @MoneyColumn('money_paid')
  moneyPaid!: Decimal;

  /** What is left to pay. */
  @MoneyColumn('pay_amount')
  payAmount!: Decimal;

  @TimeColumn('add_time')
  addTime!: Date;

  @TimeColumn('confirm_time', { nullable: true })
  confirmTime!: Date | null;

  @TimeColumn('pay_time', { nullable: true })
  payTime!: Date | null;
}

/** As other services see it. */
export function toOrder(order: OrderEntity): Order {
  return {
    orderId: order.orderId,
    userId: order.userId,
    orderStatus: order.orderStatus,
    payStatus: order.payStatus,
    shippingStatus: order.shippingStatus,
    address: order.address,
    consignee: order.consignee,
    goodsId: order.goodsId,
    goodsNumber: order.goodsNumber,
    goodsPrice: order.goodsPrice.toFixed(2),
    goodsAmount: order.goodsAmount.toFixed(2),
    shippingFee: order.shippingFee.toFixed(2),
    orderAmount: order.orderAmount.toFixed(2),
    couponId: order.couponId,
    couponPaid: order.couponPaid.toFixed(2),
    moneyPaid: order.moneyPaid.toFixed(2),
    payAmount: order.payAmount.toFixed(2),
    addTime: order.addTime.toISOString(),
    confirmTime: order.confirmTime?.toISOString() ?? null,
    payTime: order.payTime?.toISOString() ?? null,
  };
}
