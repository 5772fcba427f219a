import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { Group, PAY_TOPIC, PayTag } from '@sample-shop/api';
import type { PaymentMade } from '@sample-shop/api';
import { OrderStates } from './order-states.ts';

/** Payments make orders paid. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.ORDER_PAID, topic: PAY_TOPIC })
export class PaymentMadeListener {
  constructor(private readonly states: OrderStates) {}

  @RocketMQMessageListener({ tags: PayTag.PAID })
  @ConsumeOnce()
  async paid(@Payload() payment: PaymentMade, @Transaction() manager: EntityManager): Promise<void> {
    await this.states.pay(manager, payment);
  }
}
