import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { startApp } from '../../test/start-app.ts';
import { RocketMQMessageListener, RocketMQRegistry } from '../index.ts';

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order', tags: 'created' })
class StockListener implements OnModuleDestroy {
  destroyed = false;

  onMessage() {}

  onModuleDestroy() {
    this.destroyed = true;
  }
}

describe('RocketMQRegistry', () => {
  it('lists the groups with what they read', async () => {
    const { app } = await startApp({ providers: [StockListener] });
    expect(app.get(RocketMQRegistry).list()).toEqual([
      {
        connection: 'default',
        consumerGroup: 'stock',
        subscription: { order: 'created' },
        handlers: ['StockListener.onMessage'],
        state: 'running',
        concurrency: 20,
        running: 0,
        queues: [{ topic: 'order', brokerName: 'broker-a', queueId: 0 }],
      },
    ]);
    await app.close();
  });

  it('lists the connections with their addresses', async () => {
    const one = await startApp({});
    expect(one.app.get(RocketMQRegistry).connections()).toEqual([
      { name: 'default', nameServer: '127.0.0.1:9876', embedded: undefined },
    ]);
    await one.app.close();
    const two = await startApp({}, { embedded: { storePath: '/data/mq' } });
    expect(two.app.get(RocketMQRegistry).connections()).toEqual([
      {
        name: 'default',
        nameServer: '127.0.0.1:19876',
        embedded: { brokerAddress: '127.0.0.1:10911', storePath: '/data/mq' },
      },
    ]);
    await two.app.close();
  });

  it('pauses, resumes, stops and starts a group', async () => {
    const { app, clients } = await startApp({ providers: [StockListener] });
    const registry = app.get(RocketMQRegistry);
    const state = () => registry.list()[0]?.state;

    registry.pause('stock');
    expect([state(), clients.consumers[0]?.state]).toEqual(['paused', 'suspended']);
    registry.resume('stock');
    expect([state(), clients.consumers[0]?.state]).toEqual(['running', 'running']);

    await registry.stop('stock');
    expect([state(), clients.consumers[0]?.state]).toEqual(['stopped', 'shutdown']);
    expect(registry.list()[0]?.queues).toEqual([]);
    registry.resume('stock');
    expect(state()).toBe('stopped');

    await registry.start('stock');
    await registry.start('stock');
    expect(clients.consumers.map((consumer) => consumer.state)).toEqual(['shutdown', 'running']);
    await app.close();
  });

  it('resizes a group, which it remains when it is started again', async () => {
    const { app, clients } = await startApp({ providers: [StockListener] });
    const registry = app.get(RocketMQRegistry);
    registry.resize('stock', 3);
    expect([registry.list()[0]?.concurrency, clients.consumers[0]?.options.concurrency]).toEqual([3, 3]);
    await registry.stop('stock');
    await registry.start('stock');
    expect(clients.consumers[1]?.options.concurrency).toBe(3);
    expect(() => registry.resize('stock', 0)).toThrow("The concurrency of the group stock can't be 0");
    await app.close();
  });

  it('leaves a group that is not to start by itself to whoever starts it', async () => {
    @RocketMQMessageListener({ consumerGroup: 'later', topic: 'order', autoStart: false })
    class LaterListener {
      onMessage() {}
    }
    const { app, clients } = await startApp({ providers: [LaterListener] });
    const registry = app.get(RocketMQRegistry);
    expect([registry.list()[0]?.state, clients.consumers]).toEqual(['stopped', []]);
    await registry.start('later');
    expect(registry.list()[0]?.state).toBe('running');
    await app.close();
  });

  it('names the groups there are when asked for another', async () => {
    const { app } = await startApp({ providers: [StockListener] });
    expect(() => app.get(RocketMQRegistry).pause('stok')).toThrow('The application has: stock (default)');
    await app.close();
  });

  it('drains as long as the module says when the application stops, then closes the producer', async () => {
    const { app, clients } = await startApp(
      { providers: [StockListener] },
      { nameServer: 'n:1', shutdown: { drain: '5s' } },
    );
    await app.close();
    expect(clients.consumers[0]?.drainMs).toBe(5000);
    expect(clients.log).toEqual([
      'start producer n:1',
      'start consumer stock',
      'shutdown consumer stock',
      'shutdown producer n:1',
    ]);
  });
});
