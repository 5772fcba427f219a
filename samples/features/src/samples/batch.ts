import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  BatchContext,
  Context,
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

interface Entry {
  n: number;
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'batch-audit',
  topic: 'batch-sample',
  batch: { size: 100, wait: '200ms' },
})
class AuditListener {
  stored = 0;
  readonly #failed = new Set<number>();

  onMessage(@Payload() entries: Entry[], @Context() batch: BatchContext): void {
    let done = 0;
    for (const [index, { n }] of entries.entries()) {
      // Every hundredth fails once: it alone comes again, the others of its batch are done.
      if (n % 100 === 0 && !this.#failed.has(n)) {
        this.#failed.add(n);
        batch.retry(index, '1s');
      } else {
        done++;
      }
    }
    this.stored += done;
    console.log(`a call with ${entries.length} entries, ${done} of them stored`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'batch-sample' } })],
  providers: [AuditListener],
})
class AppModule {}

/** Many messages in a request, and many in a call. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const audit = app.get(AuditListener);

  const entries = Array.from({ length: 250 }, (_, i): Entry => ({ n: i + 1 }));
  // As few requests as the size limit allows.
  const results = await app.get(RocketMQTemplate).sendBatch('batch-sample', entries);
  console.log(`${entries.length} messages in ${results.length} request`);

  await until(() => audit.stored === 250);
  console.log('all 250 entries are stored');
  await app.close();
}
