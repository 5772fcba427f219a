import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  InjectRocketMQTemplate,
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

const { ANALYTICS_NAMESRV_ADDR } = process.env;

/** The one without a name is injected by its class, another by its name. */
@Injectable()
class Clicks {
  constructor(
    private readonly orders: RocketMQTemplate,
    @InjectRocketMQTemplate('analytics') private readonly analytics: RocketMQTemplate,
  ) {}

  async click(): Promise<void> {
    await this.orders.send('clusters-sample', 'an order');
    await this.analytics.send('clusters-sample', 'a click');
  }
}

const received: string[] = [];

/** The same topic and the same group on two clusters are two topics and two groups. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: 'clusters-listener', topic: 'clusters-sample' })
class OrderListener {
  onMessage(@Payload() text: string): void {
    received.push(`orders: ${text}`);
  }
}

@Injectable()
@RocketMQMessageListener({
  connection: 'analytics',
  consumerGroup: 'clusters-listener',
  topic: 'clusters-sample',
})
class ClickListener {
  onMessage(@Payload() text: string): void {
    received.push(`analytics: ${text}`);
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({ ...cluster, producer: { group: 'clusters-sample' } }),
    RocketMQModule.forRootAsync({
      name: 'analytics',
      useFactory: () => ({
        ...(ANALYTICS_NAMESRV_ADDR
          ? { nameServer: ANALYTICS_NAMESRV_ADDR }
          : { embedded: { storePath: '.rocketmq-analytics' } }),
        consumer: { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
      }),
    }),
  ],
  providers: [Clicks, OrderListener, ClickListener],
})
class AppModule {}

/** Several clusters in one application. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  await app.get(Clicks).click();
  await until(() => received.length === 2);
  for (const line of received.toSorted()) console.log(line);
  await app.close();
}
