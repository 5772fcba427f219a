import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type Request,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';

interface QuoteRequest {
  sku: string;
  count: number;
}

interface Quote {
  sku: string;
  price: number;
}

/** What this application sends: payloads and replies are checked by the compiler. */
interface Events {
  'request-reply-sample:quote': Request<QuoteRequest, Quote>;
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'request-reply-prices', topic: 'request-reply-sample' })
class PriceListener {
  /** What it returns is the reply. */
  @RocketMQMessageListener({ tags: 'quote' })
  quote(@Payload() { sku, count }: QuoteRequest): Quote {
    return { sku, price: count * 9.5 };
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'request-reply-sample' } })],
  providers: [PriceListener],
})
class AppModule {}

/** A request, and its reply. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq: RocketMQTemplate<Events> = app.get(RocketMQTemplate);

  const quote = await rocketmq.sendAndReceive(
    'request-reply-sample:quote',
    { sku: 'tea', count: 4 },
    { timeout: '5s' },
  );
  console.log(`${quote.sku} costs ${quote.price}`);
  await app.close();
}
