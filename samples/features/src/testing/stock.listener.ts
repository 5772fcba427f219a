import { Injectable, Module } from '@nestjs/common';
import {
  Context,
  MessageContext,
  Payload,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';

export interface Order {
  id: string;
  sku: string;
}

/** What a shop knows of its shelves. */
@Injectable()
export class Shelves {
  isLocked(_sku: string): boolean {
    return false;
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'testing-stock', topic: 'testing-order', maxReconsumeTimes: 3 })
export class StockListener {
  constructor(
    private readonly shelves: Shelves,
    private readonly rocketmq: RocketMQTemplate,
  ) {}

  @RocketMQMessageListener({ tags: 'created' })
  async take(@Payload() order: Order, @Context() { keys }: MessageContext): Promise<void> {
    if (this.shelves.isLocked(order.sku)) throw new RetryLater('30s', `the shelf of ${order.sku} is locked`);
    await this.rocketmq.send('testing-stock:taken', order, { keys });
    await this.rocketmq.send('testing-stock:remind', order, { keys, delay: '30m' });
  }
}

/** The application, as it runs in production. */
@Module({
  imports: [RocketMQModule.forRoot({ nameServer: 'rocketmq.example:9876' })],
  providers: [Shelves, StockListener],
})
export class AppModule {}
