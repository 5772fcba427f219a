import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'delayed-reminders', topic: 'delayed-sample' })
class ReminderListener {
  readonly received: string[] = [];

  onMessage(@Payload() text: string): void {
    this.received.push(text);
    console.log(`received: ${text}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'delayed-sample' } })],
  providers: [ReminderListener],
})
class AppModule {}

/** Messages that come later, or, taken back in time, never. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);

  // One of the 18 delay levels is exactly a second: every broker can do that.
  await rocketmq.send('delayed-sample', 'a second later', { delay: '1s' });
  // Any other time is a timer's: brokers from 5.0 on.
  await rocketmq.send('delayed-sample', 'at a time', { deliverAt: Date.now() + 1500 });

  // A timer can be recalled: brokers from 5.3.2 on, with recallMessageEnable.
  const { recallHandle } = await rocketmq.send('delayed-sample', 'never', { delay: '1s', recallable: true });
  if (recallHandle) await rocketmq.recall('delayed-sample', recallHandle);
  console.log('sent three, and took one back');

  await until(() => app.get(ReminderListener).received.length === 2);
  await app.close();
}
