import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { cluster } from '../cluster.ts';

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'graceful-stop-stock', topic: 'graceful-stop-sample' })
class StockListener {
  async onMessage(@Payload() { n }: { n: number }): Promise<void> {
    console.log(`order ${n}: begins`);
    await sleep(1000);
    console.log(`order ${n}: done`);
  }
}

/** Stands for a database. It closes last of all: handlers that are waited for still need it. */
@Injectable()
class Database implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    console.log('the database closes');
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({
      ...cluster,
      producer: { group: 'graceful-stop-sample' },
      // So long at most; what has not ended by then comes again.
      shutdown: { drain: '10s' },
    }),
  ],
  providers: [StockListener, Database],
})
class AppModule {}

/** A stop lets handlers end that run, and begins none. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  // SIGTERM and Ctrl-C close the application.
  app.enableShutdownHooks();
  console.log('stop it with Ctrl-C');

  const rocketmq = app.get(RocketMQTemplate);
  for (let n = 1; n <= 100; n++) {
    await rocketmq.send('graceful-stop-sample', { n }).catch(() => undefined);
    await sleep(500);
  }
}
