import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { Group, ORDER_TOPIC, OrderTag } from '@sample-shop/api';
import type { OrderCancelled } from '@sample-shop/api';
import { Stock } from './stock.ts';

/** Gives back the stock of cancelled orders. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.GOODS, topic: ORDER_TOPIC })
export class OrderCancelledListener {
  constructor(private readonly stock: Stock) {}

  @RocketMQMessageListener({ tags: OrderTag.CANCEL })
  @ConsumeOnce()
  async giveBack(@Payload() order: OrderCancelled, @Transaction() manager: EntityManager): Promise<void> {
    await this.stock.giveBack(manager, order.goodsId, order.orderId);
  }
}
