import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { Group, ORDER_TOPIC, OrderStatus, OrderTag } from '@sample-shop/api';
import type { OrderCancelled, OrderUnpaid } from '@sample-shop/api';
import { OrderStates } from './order-states.ts';
import { OrderEntity } from './order.entity.ts';

/** What happens to orders later. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.ORDER, topic: ORDER_TOPIC })
export class OrderEventsListener {
  constructor(private readonly states: OrderStates) {}

  /** An order that is cancelled while it is placed can't be confirmed any more. */
  @RocketMQMessageListener({ tags: OrderTag.CANCEL })
  @ConsumeOnce()
  async cancelled(
    @Payload() { orderId }: OrderCancelled,
    @Transaction() manager: EntityManager,
  ): Promise<void> {
    await manager.update(
      OrderEntity,
      { orderId, orderStatus: OrderStatus.UNCONFIRMED },
      { orderStatus: OrderStatus.CANCELLED },
    );
  }

  /** The time to pay is over. */
  @RocketMQMessageListener({ tags: OrderTag.UNPAID })
  @ConsumeOnce()
  async unpaid(@Payload() { orderId }: OrderUnpaid, @Transaction() manager: EntityManager): Promise<void> {
    await this.states.cancelUnpaid(manager, orderId);
  }
}
