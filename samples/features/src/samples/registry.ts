import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQRegistry,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

const GROUP = 'registry-stock';

@Injectable()
@RocketMQMessageListener({
  consumerGroup: GROUP,
  topic: '${REGISTRY_SAMPLE_TOPIC:registry-sample}', // from ConfigService, or the environment
  concurrency: 2,
  rateLimit: 200, // messages a second
})
class StockListener {
  taken = 0;

  async onMessage(@Payload() _order: unknown): Promise<void> {
    await sleep(5);
    this.taken++;
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'registry-sample' } })],
  providers: [StockListener],
})
class AppModule {}

/** Listeners at run time: look at them, pause them, give them more places. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);
  const registry = app.get(RocketMQRegistry);
  const stock = app.get(StockListener);
  const show = (): void => {
    const [info] = registry.list();
    console.log(`${info?.consumerGroup}: ${info?.state}, concurrency ${info?.concurrency}`);
  };

  await rocketmq.send('registry-sample', { n: 0 });
  await until(() => stock.taken === 1);
  registry.pause(GROUP);
  await rocketmq.sendBatch(
    'registry-sample',
    Array.from({ length: 50 }, (_, i) => ({ n: i + 1 })),
  );
  show();
  const lag = await registry.lag(GROUP);
  console.log(`${lag.reduce((sum, queue) => sum + queue.lag, 0)} messages behind`);
  registry.resize(GROUP, 20);
  registry.resume(GROUP);
  await until(() => stock.taken === 51);
  show();
  await app.close();
}
