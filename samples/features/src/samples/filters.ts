import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

const received: string[] = [];

/** Handlers by tag, under one group. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: 'filters-stock', topic: 'filters-sample' })
class StockListener {
  @RocketMQMessageListener({ tags: 'created' })
  take(@Payload('id') id: string): void {
    received.push(`take ${id}`);
  }

  @RocketMQMessageListener({ tags: ['cancelled', 'unpaid'] })
  giveBack(@Payload('id') id: string): void {
    received.push(`give back ${id}`);
  }
}

/** A condition on the properties of messages: brokers need enablePropertyFilter for it. */
@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'filters-fraud',
  topic: 'filters-sample',
  selectorType: 'SQL92',
  selectorExpression: "amount > 1000 AND region IN ('eu', 'us')",
})
class FraudListener {
  onMessage(@Payload('id') id: string): void {
    received.push(`look at ${id}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'filters-sample' } })],
  providers: [StockListener, FraudListener],
})
class AppModule {}

/** The broker sends what is wanted alone. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);

  await rocketmq.send('filters-sample:created', { id: 'A' }, { headers: { amount: 20, region: 'eu' } });
  await rocketmq.send('filters-sample:cancelled', { id: 'A' }, { headers: { amount: 20, region: 'eu' } });
  await rocketmq.send('filters-sample:created', { id: 'B' }, { headers: { amount: 5000, region: 'us' } });
  await rocketmq.send('filters-sample:audited', { id: 'B' }, { headers: { amount: 5000, region: 'asia' } });

  await until(() => received.length === 4);
  for (const line of received.toSorted()) console.log(line);
  await app.close();
}
