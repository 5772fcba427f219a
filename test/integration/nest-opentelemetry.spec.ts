import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import {
  MessageContext,
  RejectMessage,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type RocketMQModuleOptions,
} from 'nest-rocketmq';
import { RocketMQOpenTelemetryModule, type InstrumentationOptions } from 'nest-rocketmq/opentelemetry';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StockListener {
  readonly traceparents: (string | undefined)[] = [];

  constructor(private readonly template: RocketMQTemplate) {}

  async onMessage(payload: { next?: boolean; bad?: boolean }, { headers }: MessageContext): Promise<void> {
    this.traceparents.push(headers.get('traceparent'));
    if (payload.bad) throw new RejectMessage('not in stock');
    if (payload.next) await this.template.send('shipping:next', 'on its way');
  }
}

describe('the OpenTelemetry module', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  const manager = new AsyncLocalStorageContextManager();

  beforeAll(async () => {
    context.setGlobalContextManager(manager.enable());
    cluster = await TestCluster.start({ topics: ['order', 'shipping'] });
  });

  afterEach(async () => {
    await app.close();
    exporter.reset();
  });

  afterAll(async () => {
    context.disable();
    await cluster.stop();
  });

  async function start(
    options: InstrumentationOptions = {},
    more: Partial<RocketMQModuleOptions> = {},
  ): Promise<RocketMQTemplate> {
    app = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot(cluster.options(more)),
        RocketMQOpenTelemetryModule.forRoot({ tracerProvider, ...options }),
      ],
      providers: [StockListener],
    }).compile();
    app.useLogger(false);
    await app.init();
    return app.get(RocketMQTemplate);
  }

  async function spans(count: number): Promise<ReadableSpan[]> {
    await eventually(async () => exporter.getFinishedSpans().length >= count);
    return exporter.getFinishedSpans();
  }

  it('has one trace of a message from its sender to what its handler sends', async () => {
    const template = await start();
    const tracer = tracerProvider.getTracer('test');
    const sent = await tracer.startActiveSpan('checkout', async (span) => {
      const result = await template.send('order:created', { next: true }, { keys: 'k1' });
      span.end();
      return result;
    });
    const all = await spans(4);
    const named = (name: string) => all.find((span) => span.name === name);
    const [checkout, send, process, next] = ['checkout', 'send order', 'process order', 'send shipping'].map(
      named,
    );
    expect(new Set(all.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(send?.parentSpanContext?.spanId).toBe(checkout?.spanContext().spanId);
    expect(process?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
    expect(next?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
    expect([send?.kind, process?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(send?.attributes).toMatchObject({
      'messaging.system': 'rocketmq',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'order',
      'messaging.message.id': sent.msgId,
      'messaging.rocketmq.message.tag': 'created',
      'messaging.rocketmq.message.keys': ['k1'],
      'messaging.rocketmq.message.type': 'normal',
      'messaging.message.body.size': 13,
    });
    expect(process?.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'stock',
      'messaging.rocketmq.consumption_model': 'clustering',
      'messaging.message.id': sent.msgId,
      'messaging.rocketmq.message.outcome': 'consumed',
    });
    const { traceId, spanId } = send?.spanContext() ?? {};
    expect(app.get(StockListener).traceparents).toEqual([`00-${traceId}-${spanId}-01`]);
  });

  it("has what a handler threw, on its handler's span", async () => {
    const template = await start();
    await template.send('order:created', { bad: true });
    await spans(2);
    const process = exporter.getFinishedSpans().find(({ name }) => name === 'process order');
    expect(process).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'not in stock' },
      attributes: { 'error.type': 'RejectMessage', 'messaging.rocketmq.message.outcome': 'dead-letter' },
    });
    expect(process?.events[0]?.attributes?.['exception.message']).toBe('not in stock');
  });

  it('has a send that failed, with its code', async () => {
    const template = await start();
    await expect(template.send('order', { a: 1 }, { queue: 99 })).rejects.toThrow('no writable queue');
    expect((await spans(1))[0]).toMatchObject({
      name: 'send order',
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'INVALID_ARGUMENT' },
    });
  });

  it('links traces instead of joining them when told to', async () => {
    const template = await start({ relation: 'link' });
    await template.send('order:created', {});
    const [send, process] = (await spans(2)).toSorted((a, b) => b.name.localeCompare(a.name));
    expect([send?.name, process?.name]).toEqual(['send order', 'process order']);
    expect(process?.spanContext().traceId).not.toBe(send?.spanContext().traceId);
    expect(process?.links.map((link) => link.context.spanId)).toEqual([send?.spanContext().spanId]);
  });

  it('has the polls that gave messages, with a link to each send', async () => {
    const pullConsumer = {
      group: 'puller',
      topic: 'polled',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    } as const;
    await cluster.createTopic('polled', 1);
    const template = await start({}, { pullConsumer });
    await template.send('polled', 'one');
    const received: unknown[] = [];
    while (received.length === 0) received.push(...(await template.receive({ timeout: '1s' })));
    expect(await template.receive({ timeout: 10 })).toEqual([]);
    const all = await spans(2);
    expect(all.map(({ name }) => name)).toEqual(['send polled', 'receive polled']);
    expect(all[1]).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: {
        'messaging.operation.type': 'receive',
        'messaging.consumer.group.name': 'puller',
        'messaging.batch.message_count': 1,
      },
    });
    expect(all[1]?.links.map((link) => link.context.spanId)).toEqual([all[0]?.spanContext().spanId]);
  });

  it('keeps silent once the application has stopped', async () => {
    const template = await start();
    await template.send('order:created', {});
    await spans(2);
    await app.close();
    exporter.reset();
    const plain = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options())],
    }).compile();
    await plain.init();
    await plain.get(RocketMQTemplate).send('order:late', {});
    await plain.close();
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
});
