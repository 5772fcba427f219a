import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { Group, money, ORDER_TOPIC, OrderTag } from '@sample-shop/api';
import type { OrderCancelled, PaymentRefunded } from '@sample-shop/api';
import { Balance } from './balance.ts';

/** Gives back what cancelled orders had of a balance, and the payments that came for them. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.USER, topic: ORDER_TOPIC })
export class OrderEventsListener {
  constructor(private readonly balance: Balance) {}

  @RocketMQMessageListener({ tags: OrderTag.CANCEL })
  @ConsumeOnce()
  async giveBack(@Payload() order: OrderCancelled, @Transaction() manager: EntityManager): Promise<void> {
    if (money(order.moneyPaid).greaterThan(0))
      await this.balance.giveBack(manager, order.userId, order.orderId);
  }

  @RocketMQMessageListener({ tags: OrderTag.REFUND })
  @ConsumeOnce()
  async refund(@Payload() refund: PaymentRefunded, @Transaction() manager: EntityManager): Promise<void> {
    await this.balance.refundPayment(manager, refund);
  }
}
