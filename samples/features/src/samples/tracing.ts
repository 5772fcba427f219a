import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { RocketMQOpenTelemetryModule } from 'nest-rocketmq/opentelemetry';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

// As your application sets up its SDK; this one keeps the spans in memory, to show them.
const spans = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'tracing-stock', topic: 'tracing-order' })
class StockListener {
  constructor(private readonly rocketmq: RocketMQTemplate) {}

  async onMessage(@Payload() order: { id: string }): Promise<void> {
    await this.rocketmq.send('tracing-parcel', order);
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({ ...cluster, producer: { group: 'tracing-sample' } }),
    RocketMQOpenTelemetryModule.forRoot(),
  ],
  providers: [StockListener],
})
class AppModule {}

/** One trace through everything that a request sets going. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });

  await trace.getTracer('tracing-sample').startActiveSpan('POST /order', async (request) => {
    await app.get(RocketMQTemplate).send('tracing-order', { id: 'A' });
    request.end();
  });

  await until(() => spans.getFinishedSpans().length === 4);
  const finished = spans.getFinishedSpans();
  const show = (parent: string | undefined, depth: number): void => {
    for (const span of finished.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)) {
      console.log(`${'  '.repeat(depth)}${span.name}`);
      show(span.spanContext().spanId, depth + 1);
    }
  };
  show(undefined, 0);
  console.log(`${new Set(finished.map((span) => span.spanContext().traceId)).size} trace`);
  await app.close();
}
