import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientsModule,
  EventPattern,
  MessagePattern,
  Payload,
  type ClientProxy,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { EmbeddedCluster } from '@nest-rocketmq/embedded';
import { RocketMQClient, RocketMQRecordBuilder, RocketMQServer } from 'nest-rocketmq/microservices';
import { firstValueFrom } from 'rxjs';
import { until } from '../until.ts';

const taken: string[] = [];

@Controller()
class StockController {
  @EventPattern<string>('microservices-sample:created')
  take(@Payload() { id }: { id: string }): void {
    taken.push(id);
  }

  @MessagePattern<string>('microservices-sample:quote')
  quote(@Payload() { count }: { count: number }): { price: number } {
    return { price: count * 9.5 };
  }
}

@Module({ controllers: [StockController] })
class StockModule {}

/** `@EventPattern` and `@MessagePattern` on RocketMQ, and a client proxy. */
export async function main(): Promise<void> {
  // Two applications on one cluster; one in this process has to be started once.
  const embedded = process.env.NAMESRV_ADDR ? undefined : await EmbeddedCluster.start();
  const nameServer = embedded?.nameServer ?? process.env.NAMESRV_ADDR;

  const stock = await NestFactory.createMicroservice<MicroserviceOptions>(StockModule, {
    strategy: new RocketMQServer({
      nameServer,
      consumer: { consumerGroup: 'microservices-stock', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
    }),
    logger: ['error', 'warn'],
  });
  await stock.listen();

  const shop = await NestFactory.createApplicationContext(
    ClientsModule.register([{ name: 'STOCK', customClass: RocketMQClient, options: { nameServer } }]),
    { logger: ['error', 'warn'] },
  );
  const client = shop.get<ClientProxy>('STOCK');

  const order = new RocketMQRecordBuilder({ id: 'A' }).setOptions({ keys: 'A' }).build();
  await firstValueFrom(client.emit('microservices-sample:created', order));
  const { price } = await firstValueFrom(
    client.send<{ price: number }>('microservices-sample:quote', { count: 4 }),
  );
  await until(() => taken.length > 0);
  console.log(`taken ${taken[0]}, price ${price}`);

  await shop.close();
  await stock.close();
  await embedded?.shutdown();
}
