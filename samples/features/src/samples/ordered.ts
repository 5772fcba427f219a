import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

interface Step {
  order: string;
  step: 'created' | 'paid' | 'shipped';
}

/** A queue at a time: what fails is tried again in its place, and holds its queue. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: 'ordered-queues', topic: 'ordered-sample', consumeMode: 'ORDERLY' })
class OrderlyListener {
  readonly done: string[] = [];

  onMessage(@Payload() { order, step }: Step): void {
    this.done.push(`${order} ${step}`);
  }
}

/** A key at a time (here each message's first one): orders don't wait for each other, even those in one queue. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: 'ordered-lanes', topic: 'ordered-sample', lanes: true })
class LanesListener {
  readonly done: string[] = [];

  async onMessage(@Payload() { order, step }: Step): Promise<void> {
    // The first one is slow.
    if (step === 'created') await new Promise((resolve) => setTimeout(resolve, order === 'A' ? 100 : 1));
    this.done.push(`${order} ${step}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'ordered-sample' } })],
  providers: [OrderlyListener, LanesListener],
})
class AppModule {}

/** Messages of one key keep their order. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);
  const listeners = [app.get(OrderlyListener), app.get(LanesListener)];

  for (const step of ['created', 'paid', 'shipped']) {
    for (const order of ['A', 'B']) {
      // The messages of a key go to one queue.
      await rocketmq.send('ordered-sample', { order, step }, { hashKey: order, keys: order });
    }
  }

  await until(() => listeners.every(({ done }) => done.length === 6));
  for (const { constructor, done } of listeners) {
    for (const order of ['A', 'B']) {
      console.log(`${constructor.name}: ${done.filter((text) => text.startsWith(order)).join(', ')}`);
    }
  }
  await app.close();
}
