import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from 'prom-client';
import {
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type RocketMQModuleOptions,
} from 'nest-rocketmq';
import { RocketMQPrometheusModule, type PrometheusOptions } from 'nest-rocketmq/prometheus';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock',
  topic: 'order',
  payload: 'text',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StockListener {
  async onMessage(@Payload() what: string): Promise<void> {
    if (what === 'reject') throw new RejectMessage('no');
    if (what === 'later') throw new RetryLater('1h');
  }
}

describe('the Prometheus module', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  let registry: Registry;

  beforeAll(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
  });

  afterEach(() => app.close());

  afterAll(() => cluster.stop());

  async function start(
    options: PrometheusOptions = {},
    more: Partial<RocketMQModuleOptions> = {},
  ): Promise<RocketMQTemplate> {
    registry = new Registry();
    app = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot(cluster.options(more)),
        RocketMQPrometheusModule.forRoot({ registry, ...options }),
      ],
      providers: [StockListener],
    }).compile();
    app.useLogger(false);
    await app.init();
    return app.get(RocketMQTemplate);
  }

  async function lines(name: string): Promise<string[]> {
    const text = await registry.getSingleMetricAsString(name);
    return text
      .split('\n')
      .filter((line) => !line.startsWith('#') && line !== '')
      .sort();
  }

  it('counts sends and their failures, and measures them', async () => {
    const template = await start();
    await template.send('order', 'fine');
    await template.sendBatch('order', ['fine', 'fine']);
    await expect(template.send('order', 'fine', { queue: 99 })).rejects.toThrow('no writable queue');
    expect(await lines('rocketmq_messages_sent_total')).toEqual([
      'rocketmq_messages_sent_total{topic="order",status="INVALID_ARGUMENT"} 1',
      'rocketmq_messages_sent_total{topic="order",status="SEND_OK"} 3',
    ]);
    expect(await lines('rocketmq_send_duration_seconds')).toContain(
      'rocketmq_send_duration_seconds_count{topic="order"} 3',
    );
    expect(await lines('rocketmq_sends_in_flight')).toEqual(['rocketmq_sends_in_flight{topic="order"} 0']);
  });

  it('counts what was consumed, retried and put to the dead letters, and knows the lag', async () => {
    const template = await start({ prefix: 'mq_' });
    for (const what of ['fine', 'later', 'reject']) await template.send('order', what);
    const labels = 'consumer_group="stock",topic="order"';
    await eventually(async () => (await lines('mq_messages_consumed_total')).length === 3);
    const consumed = await lines('mq_messages_consumed_total');
    expect(consumed).toEqual(
      expect.arrayContaining([
        `mq_messages_consumed_total{${labels},outcome="dead-letter"} 1`,
        `mq_messages_consumed_total{${labels},outcome="retry"} 1`,
        expect.stringContaining(`mq_messages_consumed_total{${labels},outcome="consumed"}`),
      ]),
    );
    expect(await lines('mq_handlers_in_flight')).toEqual(['mq_handlers_in_flight{consumer_group="stock"} 0']);
    expect(await lines('mq_consumer_queues')).toEqual([
      'mq_consumer_queues{connection="default",consumer_group="stock"} 5',
    ]);
    const lag = await lines('mq_consumer_lag');
    expect(lag.map((line) => line.slice(0, line.lastIndexOf(' ')))).toEqual([
      'mq_consumer_lag{connection="default",consumer_group="stock",topic="%RETRY%stock"}',
      'mq_consumer_lag{connection="default",consumer_group="stock",topic="order"}',
    ]);
  });

  it('counts what was polled', async () => {
    await cluster.createTopic('polled', 1);
    const template = await start(
      {},
      {
        pullConsumer: { group: 'puller', topic: 'polled', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
      },
    );
    await template.send('polled', 'one');
    while ((await template.receive({ timeout: '1s' })).length === 0);
    expect(await lines('rocketmq_messages_received_total')).toEqual([
      'rocketmq_messages_received_total{consumer_group="puller",topic="polled"} 1',
    ]);
  });

  it('goes with its application', async () => {
    await start();
    expect(registry.getMetricsAsArray().length).toBeGreaterThan(5);
    await app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
