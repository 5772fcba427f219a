import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { resolve } from 'node:path';
import { FakeClientFactory } from '../../test/fake-clients.ts';
import { startApp } from '../../test/start-app.ts';
import {
  getRocketMQOptionsToken,
  getRocketMQTemplateToken,
  InjectRocketMQTemplate,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type RocketMQModuleOptions,
  type RocketMQOptionsFactory,
} from '../index.ts';
import { ClientFactory } from './client-factory.ts';

const nameServer = '127.0.0.1:9876';

async function compile(
  imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>,
  providers = [Sender],
) {
  const clients = new FakeClientFactory();
  const app = await Test.createTestingModule({ imports, providers })
    .overrideProvider(ClientFactory)
    .useValue(clients)
    .compile();
  app.useLogger(false);
  return { app, clients };
}

@Injectable()
class Sender implements OnModuleInit {
  constructor(readonly rocketmq: RocketMQTemplate) {}

  async onModuleInit() {
    await this.rocketmq.send('started', { by: 'sender' });
  }
}

@RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order' })
class StockListener {
  onMessage() {}
}

describe('RocketMQModule', () => {
  it('injects the template by its class, ready to send in onModuleInit', async () => {
    const { app, clients } = await compile([
      RocketMQModule.forRoot({ nameServer, producer: { group: 'orders' } }),
    ]);
    await app.init();
    expect(clients.only.options).toMatchObject({ group: 'orders', nameServer, sendMsgTimeout: 3000 });
    expect(clients.only.sent).toMatchObject([{ message: { topic: 'started' } }]);
    await app.close();
  });

  it('says when a template is used before it is ready, and after the end', async () => {
    const { app } = await compile([RocketMQModule.forRoot({ nameServer })]);
    const template = app.get(RocketMQTemplate);
    await expect(template.send('t', 1)).rejects.toThrow('send from onModuleInit on');
    await app.init();
    await app.close();
    await expect(template.send('t', 1)).rejects.toThrow('shutting down');
  });

  it('takes its options from a factory with dependencies', async () => {
    @Module({ providers: [{ provide: 'ADDRESS', useValue: 'from-factory:9876' }], exports: ['ADDRESS'] })
    class SettingsModule {}

    const { app, clients } = await compile([
      RocketMQModule.forRootAsync({
        imports: [SettingsModule],
        inject: ['ADDRESS'],
        useFactory: async (address: string) => ({ nameServer: address }),
      }),
    ]);
    await app.init();
    expect(clients.only.options.nameServer).toBe('from-factory:9876');
    await app.close();
  });

  it('takes its options from a class', async () => {
    class Settings implements RocketMQOptionsFactory {
      createRocketMQOptions(): RocketMQModuleOptions {
        return { nameServer: 'from-class:9876' };
      }
    }
    const { app, clients } = await compile([RocketMQModule.forRootAsync({ useClass: Settings })]);
    await app.init();
    expect(clients.only.options.nameServer).toBe('from-class:9876');
    await app.close();
  });

  it('keeps a named connection apart from the unnamed one', async () => {
    @Injectable()
    class Both {
      constructor(
        readonly main: RocketMQTemplate,
        @InjectRocketMQTemplate('analytics') readonly analytics: RocketMQTemplate,
        @Inject(getRocketMQTemplateToken('analytics')) readonly same: RocketMQTemplate,
      ) {}
    }
    const { app, clients } = await compile(
      [
        RocketMQModule.forRoot({ nameServer }),
        RocketMQModule.forRootAsync({
          name: 'analytics',
          useFactory: () => ({ nameServer: 'analytics:9876' }),
        }),
      ],
      [Both] as never,
    );
    await app.init();
    const { main, analytics, same } = app.get(Both);
    expect(analytics).toBe(same);
    await main.send('a', 1);
    await analytics.send('b', 1);
    expect(
      clients.producers.map((p) => [p.options.nameServer, p.sent.map(({ message }) => message.topic)]),
    ).toEqual([
      [nameServer, ['a']],
      ['analytics:9876', ['b']],
    ]);
    await app.close();
    expect(clients.producers.every(({ running }) => !running)).toBe(true);
  });

  it('refuses two connections of one name', async () => {
    await expect(
      compile([RocketMQModule.forRoot({ nameServer }), RocketMQModule.forRoot({ nameServer: 'b:1' })]),
    ).rejects.toThrow("imported twice with the name 'default'");
  });

  it('shares nothing between two applications of one process', async () => {
    const one = await startApp({ providers: [StockListener] });
    const two = await startApp({ providers: [StockListener] });
    await one.app.close();
    expect(one.clients.consumerOf('stock').state).toBe('shutdown');
    expect(two.clients.consumerOf('stock').state).toBe('running');
    expect(two.clients.only.running).toBe(true);
    await two.app.close();
  });

  it('fails at boot on a wrong option', async () => {
    await expect(compile([RocketMQModule.forRoot({ nameServer, retries: 3 } as never)])).rejects.toThrow(
      'unknown option retries',
    );
  });

  it('runs on other options where a test overrides them', async () => {
    const clients = new FakeClientFactory();
    const app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ nameServer })],
      providers: [Sender],
    })
      .overrideProvider(ClientFactory)
      .useValue(clients)
      .overrideProvider(getRocketMQOptionsToken())
      .useValue({ nameServer: 'test:1' })
      .compile();
    await app.init();
    expect(clients.only.options.nameServer).toBe('test:1');
    await app.close();
  });

  describe('when no NameServer answers', () => {
    it('fails the boot, names the address, says what to do, and leaves nothing open', async () => {
      const clients = new FakeClientFactory();
      clients.nameServerAnswers = false;
      const starting = startApp({ providers: [StockListener] }, { nameServer }, clients);
      await expect(starting).rejects.toMatchObject({ code: 'CONNECT_FAILED', address: nameServer });
      await expect(starting).rejects.toThrow(/127\.0\.0\.1:9876.*embedded: true.*'background'/);
      expect(clients.only.running).toBe(false);
      expect(clients.consumers).toEqual([]);
    });

    it("starts all the same with connect: 'background'", async () => {
      const clients = new FakeClientFactory();
      clients.nameServerAnswers = false;
      const { app } = await startApp(
        { providers: [StockListener] },
        { nameServer, connect: 'background' },
        clients,
      );
      expect(clients.consumerOf('stock').state).toBe('running');
      await app.close();
    });
  });

  describe('embedded', () => {
    it('starts a cluster first and stops it last', async () => {
      const { app, clients } = await startApp({ providers: [StockListener] }, { embedded: true });
      await app.close();
      expect(clients.log).toEqual([
        `start cluster ${resolve('.rocketmq')}`,
        'start producer 127.0.0.1:19876',
        'start consumer stock',
        'shutdown consumer stock',
        'shutdown producer 127.0.0.1:19876',
        'shutdown cluster',
      ]);
    });

    it('keeps its files where it is told to', async () => {
      const { app, clients } = await startApp({}, { embedded: { storePath: '/data/mq' } });
      expect(clients.log[0]).toBe('start cluster /data/mq');
      await app.close();
    });
  });

  it('leaves nothing open when a listener can not start', async () => {
    const clients = new FakeClientFactory();
    clients.consumerStartFailure = new Error('subscription refused');
    await expect(startApp({ providers: [StockListener] }, { embedded: true }, clients)).rejects.toThrow(
      'refused',
    );
    expect(clients.log.slice(-2)).toEqual(['shutdown producer 127.0.0.1:19876', 'shutdown cluster']);
  });
});
