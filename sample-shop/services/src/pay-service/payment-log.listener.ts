import { Injectable } from '@nestjs/common';
import { ConsumeOnce, Transaction } from '@nest-rocketmq/consumer-log';
import { Context, Payload, RocketMQMessageListener, type MessageContext } from 'nest-rocketmq';
import { Group, money, PAY_TOPIC, PayTag } from '@sample-shop/api';
import type { PaymentMade } from '@sample-shop/api';
import type { EntityManager } from 'typeorm';
import { PaymentLogEntity } from './pay.entities.ts';

/** Keeps a log of the payments that were made. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: Group.PAYMENT_LOG, topic: PAY_TOPIC })
export class PaymentLogListener {
  @RocketMQMessageListener({ tags: PayTag.PAID })
  @ConsumeOnce()
  async log(
    @Payload() { payId, orderId, userId, payAmount }: PaymentMade,
    @Context() { msgId }: MessageContext,
    @Transaction() manager: EntityManager,
  ): Promise<void> {
    const payment = { payId, orderId, userId, payAmount: money(payAmount) };
    await manager.insert(PaymentLogEntity, { ...payment, msgId, logTime: new Date() });
  }
}
