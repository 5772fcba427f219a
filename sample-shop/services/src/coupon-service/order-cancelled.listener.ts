import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { Group, ORDER_TOPIC, OrderTag } from '@sample-shop/api';
import type { OrderCancelled } from '@sample-shop/api';
import { Coupons } from './coupons.ts';

/** Frees the coupons of cancelled orders. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.COUPON, topic: ORDER_TOPIC })
export class OrderCancelledListener {
  constructor(private readonly coupons: Coupons) {}

  @RocketMQMessageListener({ tags: OrderTag.CANCEL })
  @ConsumeOnce()
  async free(@Payload() order: OrderCancelled, @Transaction() manager: EntityManager): Promise<void> {
    if (order.couponId !== null) await this.coupons.free(manager, order.couponId, order.orderId);
  }
}
