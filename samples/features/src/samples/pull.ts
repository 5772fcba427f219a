import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DefaultLitePullConsumer } from '@nest-rocketmq/client';
import { RocketMQModule, RocketMQRegistry, RocketMQTemplate } from 'nest-rocketmq';
import { cluster } from '../cluster.ts';

@Module({
  imports: [
    RocketMQModule.forRoot({
      ...cluster,
      producer: { group: 'pull-sample' },
      pullConsumer: {
        group: 'pull-template',
        topic: 'pull-sample',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      },
    }),
  ],
})
class AppModule {}

/** Messages when you ask for them. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);
  // Into one queue, so that they come in this order.
  for (const n of [1, 2, 3]) await rocketmq.send('pull-sample', { n }, { queue: 0 });

  // The template's: what was received is done with when it is asked again.
  const received: { n: number }[] = [];
  while (received.length < 3) received.push(...(await rocketmq.receive<{ n: number }>({ timeout: '5s' })));
  console.log(`received ${received.map(({ n }) => n).join(', ')}`);

  // The client's own, which can also choose its queues, and go back in them.
  const nameServer = app.get(RocketMQRegistry).connections()[0]?.nameServer ?? '';
  const consumer = new DefaultLitePullConsumer({ group: 'pull-lite', nameServer, autoCommit: false });
  await consumer.start();
  const queues = await consumer.fetchMessageQueues('pull-sample');
  const first = queues.filter(({ queueId }) => queueId === 0);
  await consumer.assign(first);
  for (const queue of first) await consumer.seekToBegin(queue);
  const bodies: string[] = [];
  while (bodies.length < 3) bodies.push(...(await consumer.poll(5000)).map(({ body }) => body.toString()));
  console.log(`polled ${bodies.join(' ')}`);
  await consumer.commit();
  await consumer.shutdown();
  await app.close();
}
