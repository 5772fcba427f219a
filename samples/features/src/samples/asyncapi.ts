import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RocketMQMessageListener, RocketMQModule } from 'nest-rocketmq';
import { createAsyncApiDocument } from 'nest-rocketmq/asyncapi';
import { z } from 'zod';
import { cluster } from '../cluster.ts';

const Order = z.object({ id: z.string(), count: z.int().min(1) });

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'asyncapi-stock', topic: 'asyncapi-sample' })
class StockListener {
  @RocketMQMessageListener({ tags: 'created', schema: Order })
  take(@Payload() _order: z.infer<typeof Order>): void {}
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'asyncapi-sample' } })],
  providers: [StockListener],
})
class AppModule {}

/** An AsyncAPI document of the listeners. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const document = createAsyncApiDocument(app, { title: 'Stock', version: '1.0.0' });
  console.log(JSON.stringify(document, undefined, 2));
  await app.close();
}
