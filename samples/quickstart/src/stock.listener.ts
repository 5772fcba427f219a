import { Injectable } from '@nestjs/common';
import { Context, MessageContext, Payload, RetryLater, RocketMQMessageListener } from 'nest-rocketmq';
import { Journal } from './journal.ts';
import type { Order } from './order.ts';

/** Takes the stock of each order. */
@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock-service',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
export class StockListener {
  constructor(private readonly journal: Journal) {}

  @RocketMQMessageListener({ tags: 'created' })
  take(@Payload() order: Order, @Context() context: MessageContext): void {
    // Every third order finds an empty shelf the first time: the broker brings it again.
    if (Number(order.id.split('-').at(-1)) % 3 === 0 && context.attempt === 1) {
      this.journal.failed(order, 'the shelf is empty');
      throw new RetryLater('1s', 'the shelf is empty');
    }
    this.journal.consumed(order, context);
  }
}
