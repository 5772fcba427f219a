import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';
import { fullUnits, Group, PAY_TOPIC, PayTag, ShopError } from '@sample-shop/api';
import type { PaymentMade } from '@sample-shop/api';
import { UserEntity } from './user.entities.ts';

/** Counts payments for the score: one for each full currency unit. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.USER_PAID, topic: PAY_TOPIC })
export class PaymentMadeListener {
  @RocketMQMessageListener({ tags: PayTag.PAID })
  @ConsumeOnce()
  async score(@Payload() payment: PaymentMade, @Transaction() manager: EntityManager): Promise<void> {
    const { userId, payAmount } = payment;
    const changed = await manager.increment(UserEntity, { userId }, 'userScore', fullUnits(payAmount));
    if (changed.affected !== 1) throw new ShopError('USER_NOT_FOUND');
  }
}
