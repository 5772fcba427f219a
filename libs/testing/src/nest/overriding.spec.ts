import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  getRocketMQOptionsToken,
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { TestCluster } from '../index.ts';

interface Order {
  id: number;
}

@Injectable()
class OrderService {
  constructor(private readonly rocketmq: RocketMQTemplate) {}

  async place(order: Order): Promise<void> {
    await this.rocketmq.send('order:created', order);
    await this.rocketmq.send('order:unpaid', order, { delay: '30m' });
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'stock-service', topic: 'order' })
class StockListener {
  readonly taken: number[] = [];
  readonly attempts: number[] = [];

  @RocketMQMessageListener({ tags: 'created' })
  take(@Payload() order: Order): void {
    this.attempts.push(order.id);
    if (this.attempts.length < 3) throw new Error('the shelf is locked');
    this.taken.push(order.id);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ nameServer: 'rocketmq.production:9876' })],
  providers: [OrderService, StockListener],
})
class AppModule {}

describe('an application under test', () => {
  let cluster: TestCluster;
  let app: TestingModule;

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
    app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getRocketMQOptionsToken())
      .useValue(cluster.options())
      .compile();
    app.useLogger(false);
    await app.init();
  });
  afterEach(async () => {
    await app.close();
    await cluster.stop();
  });

  it('runs on the cluster of the test, and has its delays and retries passed', async () => {
    await app.get(OrderService).place({ id: 42 });
    expect(await cluster.messages('order:created')).toHaveLength(1);
    expect(await cluster.messages('order:unpaid')).toHaveLength(0);
    const stock = app.get(StockListener);
    while (stock.attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    while (stock.taken.length === 0) await cluster.advance('30s');
    expect(stock.attempts).toEqual([42, 42, 42]);
    await cluster.advance('30m');
    expect(await cluster.messages('order:unpaid')).toHaveLength(1);
    expect(await cluster.deadLetters('stock-service')).toEqual([]);
  });
});
