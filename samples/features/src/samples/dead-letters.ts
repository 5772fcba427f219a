import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Context,
  DeadLetterService,
  MessageContext,
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

interface Order {
  id: string;
  sku: string;
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'dead-letters-stock',
  topic: 'dead-letters-sample',
  // Twice again, then it is a dead letter: RocketMQ's default is 16 times, over more than four hours.
  maxReconsumeTimes: 2,
  onLastAttempt: 'givenUp',
})
class StockListener {
  readonly taken: string[] = [];
  readonly lost: string[] = [];
  repaired = false;

  onMessage(@Payload() { id, sku }: Order, @Context() { attempt }: MessageContext): void {
    if (this.repaired) {
      this.taken.push(id);
      console.log(`order ${id}: taken`);
      return;
    }
    console.log(`order ${id}: attempt ${attempt} fails`);
    // No attempt could succeed: to the dead letters now.
    if (sku === 'unicorn') throw new RejectMessage(`nobody has ever sold a ${sku}`);
    // Anything that is thrown brings the message again; this says when.
    throw new RetryLater('1s', 'the warehouse does not answer');
  }

  /** Told of what becomes a dead letter. */
  givenUp(@Payload() { id }: Order, @Context() { error }: MessageContext): void {
    this.lost.push(id);
    console.log(`order ${id}: given up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'dead-letters-sample' } })],
  providers: [StockListener],
})
class AppModule {}

/** What fails comes again; what always fails is kept, with the reason, until somebody repairs and replays it. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const rocketmq = app.get(RocketMQTemplate);
  const deadLetters = app.get(DeadLetterService);
  const stock = app.get(StockListener);
  const from = Date.now();

  await rocketmq.send('dead-letters-sample', { id: 'A', sku: 'tea' }, { keys: 'A' });
  await rocketmq.send('dead-letters-sample', { id: 'B', sku: 'unicorn' }, { keys: 'B' });
  await until(() => stock.lost.length === 2);

  let letters = await deadLetters.list('dead-letters-stock', { from });
  while (letters.length < 2) letters = await deadLetters.list('dead-letters-stock', { from });
  for (const { keys, reason, attempts } of letters) {
    console.log(`dead letter ${keys[0]}: ${reason}, after ${attempts} attempts`);
  }

  // The same as: mqadmin deadLetterReplay -g dead-letters-stock -r warehouse --to group
  stock.repaired = true;
  const { replayed } = await deadLetters.replay('dead-letters-stock', {
    from,
    reason: 'warehouse',
    to: 'group',
  });
  console.log(`${replayed} replayed`);
  await until(() => stock.taken.length === 1);
  await app.close();
}
