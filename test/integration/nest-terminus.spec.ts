import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { RocketMQMessageListener, RocketMQModule, RocketMQRegistry, RocketMQTemplate } from 'nest-rocketmq';
import { RocketMQHealthIndicator } from 'nest-rocketmq/terminus';
import { TestCluster } from '@nest-rocketmq/testing';

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StockListener {
  onMessage(): void {}
}

describe('the health indicator', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  let indicator: RocketMQHealthIndicator;

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options()), TerminusModule.forRoot({ logger: false })],
      providers: [StockListener, RocketMQHealthIndicator],
    }).compile();
    app.useLogger(false);
    await app.init();
    indicator = app.get(RocketMQHealthIndicator);
  });

  afterEach(async () => {
    await app.close();
    await cluster.stop();
  });

  it('is up while a NameServer answers and the listeners run', async () => {
    const result = await app.get(HealthCheckService).check([() => indicator.isReady('rocketmq')]);
    expect(result.status).toBe('ok');
    expect(result.details).toEqual({
      rocketmq: {
        status: 'up',
        connections: { default: 'up' },
        listeners: { stock: { state: 'running', queues: 5 } },
      },
    });
    expect(indicator.isAlive('alive')).toEqual({ alive: { status: 'up', listeners: { stock: 'running' } } });
  });

  it('is up while a listener is paused, down when it was stopped', async () => {
    const registry = app.get(RocketMQRegistry);
    registry.pause('stock');
    expect(await indicator.isReady('mq')).toMatchObject({ mq: { status: 'up' } });
    await registry.stop('stock');
    expect(await indicator.isReady('mq')).toMatchObject({
      mq: { status: 'down', listeners: { stock: { state: 'stopped' } } },
    });
    expect(indicator.isAlive('alive')).toMatchObject({ alive: { status: 'down' } });
  });

  it('is down without a NameServer, and says which; alive all the same', async () => {
    const { nameServer } = cluster;
    await cluster.stop();
    const { mq } = await indicator.isReady('mq', { timeout: '300ms' });
    expect(mq.status).toBe('down');
    expect(JSON.stringify(mq)).toContain(nameServer);
    expect(indicator.isAlive('alive')).toMatchObject({ alive: { status: 'up' } });
  });

  it('is degraded, or down when told so, when a group is too far behind', async () => {
    const registry = app.get(RocketMQRegistry);
    expect(await indicator.isReady('mq', { maxLag: 0 })).toMatchObject({
      mq: { status: 'up', listeners: { stock: { lag: 0 } } },
    });
    await registry.stop('stock');
    for (let i = 0; i < 3; i++) await app.get(RocketMQTemplate).send('order', { i });
    expect((await registry.lag('stock')).reduce((sum, { lag }) => sum + lag, 0)).toBe(3);
    await registry.start('stock');
    registry.pause('stock');
    await app.get(RocketMQTemplate).sendBatch('order', [1, 2, 3, 4, 5]);
    const lagging = await indicator.isReady('mq', { maxLag: { stock: 4, other: 0 } });
    expect(lagging).toMatchObject({ mq: { status: 'degraded' } });
    expect(JSON.stringify(lagging)).toContain('4 are allowed');
    expect(await indicator.isReady('mq', { maxLag: 4, whenLagging: 'down' })).toMatchObject({
      mq: { status: 'down' },
    });
    expect(await indicator.isReady('mq', { maxLag: { other: 0 } })).toMatchObject({ mq: { status: 'up' } });
  });

  it('refuses a connection that there is not', async () => {
    await expect(indicator.isReady('mq', { connections: ['nowhere'] })).rejects.toThrow(
      "no connection 'nowhere'",
    );
  });
});
