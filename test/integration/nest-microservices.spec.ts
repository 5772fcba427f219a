import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  Controller,
  Injectable,
  UseFilters,
  type INestMicroservice,
} from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { firstValueFrom, lastValueFrom, of, timeout, type Observable } from 'rxjs';
import { RejectMessage, RetryLater, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import {
  RocketMQClient,
  RocketMQContext,
  RocketMQExceptionFilter,
  RocketMQRecordBuilder,
  RocketMQServer,
  RocketMQStatus,
  type RocketMQClientOptions,
  type RocketMQServerOptions,
} from 'nest-rocketmq/microservices';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

interface Order {
  id: number;
}

@Injectable()
class Seen {
  readonly all: {
    handler: string;
    payload: unknown;
    attempt: number;
    keys: readonly string[];
    tenant?: string;
  }[] = [];

  add(handler: string, payload: unknown, context: RocketMQContext): void {
    const { attempt, keys, headers } = context.getMessageContext();
    const tenant = headers.get('tenant');
    this.all.push({ handler, payload, attempt, keys, ...(tenant === undefined ? {} : { tenant }) });
  }

  of(handler: string) {
    return this.all.filter((one) => one.handler === handler);
  }
}

@Controller()
@UseFilters(new RocketMQExceptionFilter())
class OrderController {
  constructor(private readonly seen: Seen) {}

  @EventPattern<string>('order:created')
  created(@Payload() order: Order, @Ctx() context: RocketMQContext): void {
    this.seen.add('created', order, context);
  }

  @EventPattern<string>('order:flaky || flakier')
  flaky(@Payload() order: Order, @Ctx() context: RocketMQContext): void {
    this.seen.add('flaky', order, context);
    if (context.getMessageContext().attempt === 1) throw new RetryLater('1s');
  }

  @EventPattern<string>('order:rejected')
  rejected(@Payload() order: Order, @Ctx() context: RocketMQContext): Observable<number> {
    this.seen.add('rejected', order, context);
    throw new RejectMessage('never wanted');
  }

  @EventPattern<string>('order:invalid')
  invalid(@Payload() order: Order, @Ctx() context: RocketMQContext): void {
    this.seen.add('invalid', order, context);
    throw new BadRequestException(['id must be positive']);
  }

  @EventPattern<string>('order', { consumerGroup: 'audit' })
  audit(@Payload() order: Order, @Ctx() context: RocketMQContext): void {
    this.seen.add('audit', order, context);
  }

  @MessagePattern<string>('price:double')
  double(@Payload() value: number): number {
    return value * 2;
  }

  @MessagePattern<string>('price:stream')
  stream(@Payload() value: number): Observable<number> {
    return of(value, value + 1, value + 2);
  }

  @MessagePattern<string>('price:nothing')
  nothing(): void {}

  @MessagePattern<string>('price:none')
  none(): null {
    return null;
  }

  @MessagePattern<string>('price:wrong')
  wrong(): never {
    throw new RpcException({ status: 'error', code: 'NO_PRICE', message: 'no price today' });
  }

  @MessagePattern<string>('price:refused')
  refused(): never {
    throw new BadRequestException(['sku must be a string']);
  }

  @MessagePattern<string>('price:broken')
  broken(): never {
    throw new Error('secret of the database');
  }

  @MessagePattern<string>('price:slow')
  slow(): Promise<never> {
    return new Promise<never>(() => undefined);
  }
}

describe('microservices on RocketMQ', () => {
  let cluster: TestCluster;
  let service: INestMicroservice;
  let server: RocketMQServer;
  let client: RocketMQClient;
  let seen: Seen;

  async function serve(options: Partial<RocketMQServerOptions> = {}): Promise<INestMicroservice> {
    const module = await Test.createTestingModule({
      controllers: [OrderController],
      providers: [Seen],
    }).compile();
    server = new RocketMQServer({
      ...cluster.options(),
      consumer: { consumerGroup: 'stock', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
      shutdown: { drain: '200ms' },
      ...options,
    });
    service = module.createNestMicroservice({ strategy: server, logger: false });
    seen = module.get(Seen);
    await service.listen();
    return service;
  }

  function connect(options: Partial<RocketMQClientOptions> = {}): RocketMQClient {
    client = new RocketMQClient({ ...cluster.options(), requestTimeout: '10s', ...options });
    return client;
  }

  beforeAll(async () => {
    cluster = await TestCluster.start({ topics: ['order', 'price'] });
  });

  afterEach(async () => {
    await client.close();
    await service.close();
  });

  afterAll(() => cluster.stop());

  describe('events', () => {
    it('go to the handlers of their topic and tag, each group its own', async () => {
      await serve();
      const record = new RocketMQRecordBuilder({ id: 1 })
        .setOptions({ keys: 'k1', headers: { tenant: 'a' } })
        .build();
      const sent = await firstValueFrom(connect().emit('order:created', record));
      expect(sent).toMatchObject({ sendStatus: 'SEND_OK' });
      await eventually(async () => seen.all.length === 2);
      const expected = { payload: { id: 1 }, attempt: 1, keys: ['k1'], tenant: 'a' };
      expect(seen.of('created')).toEqual([{ handler: 'created', ...expected }]);
      expect(seen.of('audit')).toEqual([{ handler: 'audit', ...expected }]);
    });

    it('come again when a handler fails, after the time that it says', async () => {
      await serve();
      connect().emit('order:flaky', { id: 2 });
      await eventually(async () => seen.of('flaky').length === 1);
      await cluster.advance('2s');
      await eventually(async () => seen.of('flaky').length === 2);
      expect(seen.of('flaky').map(({ attempt }) => attempt)).toEqual([1, 2]);
    });

    it('go to the dead letters, with the reason, when a handler rejects or a pipe refuses them', async () => {
      await serve();
      connect().emit('order:rejected', { id: 3 });
      client.emit('order:invalid', { id: 4 });
      await eventually(async () => (await cluster.deadLetters('stock')).length === 2);
      const letters = await cluster.deadLetters('stock');
      const why = letters.map(({ properties }) => [
        properties.get('REJECTED_BY'),
        properties.get('REJECT_REASON'),
      ]);
      expect(why).toEqual(
        expect.arrayContaining([
          ['order:rejected', 'never wanted'],
          ['order:invalid', 'id must be positive'],
        ]),
      );
      expect(seen.of('rejected')).toHaveLength(1);
    });
  });

  it('handle the events of a hash key in their order when they consume in order, failures included', async () => {
    await serve({
      consumer: {
        consumerGroup: 'ordered',
        consumeMode: 'ORDERLY',
        suspendCurrentQueueTime: '10ms',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      },
    });
    connect();
    const ids = Array.from({ length: 10 }, (_, i) => 100 + i);
    for (const id of ids) {
      const record = new RocketMQRecordBuilder({ id }).setOptions({ hashKey: 'one' }).build();
      await firstValueFrom(client.emit(id === 103 ? 'order:flaky' : 'order:created', record));
    }
    const handled = () =>
      seen.all.filter(({ handler, payload }) => handler !== 'audit' && (payload as Order).id >= 100);
    await eventually(async () => handled().length >= 11);
    const order = handled().map(({ payload, attempt }) => `${(payload as Order).id}/${attempt}`);
    expect(order).toEqual([
      '100/1',
      '101/1',
      '102/1',
      '103/1',
      '103/2',
      ...ids.slice(4).map((id) => `${id}/1`),
    ]);
  });

  it('reject what they cannot read: an event to the dead letters, a request with an error', async () => {
    await serve();
    connect();
    const json = { headers: { contentType: 'application/json' } };
    const broken = (text: string) => new RocketMQRecordBuilder(text).setOptions(json).build();
    const asked = lastValueFrom(client.send('price:double', broken('{"value":')));
    await expect(asked).rejects.toMatchObject({
      status: 'error',
      message: expect.stringContaining("can't be read"),
    });
    await firstValueFrom(client.emit('order:created', broken('{"id":')));
    const unreadable = async () => {
      const letters = await cluster.deadLetters('stock');
      return letters.filter(({ properties }) => properties.get('REJECT_REASON')?.includes("can't be read"));
    };
    await eventually(async () => (await unreadable()).length === 1);
    expect((await unreadable())[0]?.properties.get('REJECTED_BY')).toBe('order:created');
  });

  it('run their handlers between the hooks that Nest has for instrumentation', async () => {
    await serve();
    connect();
    const hooks: string[] = [];
    server.setOnProcessingStartHook((transport, context, done) => {
      hooks.push(`start ${(context as RocketMQContext).getPattern()} ${String(transport)}`);
      void done();
    });
    server.setOnProcessingEndHook((_transport, context) => {
      hooks.push(`end ${(context as RocketMQContext).getPattern()}`);
    });
    expect(await lastValueFrom(client.send('price:double', 1))).toBe(2);
    // Events that other cases left may come meanwhile.
    const ofRequest = hooks.filter((hook) => hook.includes('price:double'));
    expect(ofRequest).toEqual(['start price:double Symbol(nest-rocketmq)', 'end price:double']);
  });

  describe('requests', () => {
    it('get what their handler returns; of several values the last', async () => {
      await serve();
      expect(await lastValueFrom(connect().send('price:double', 21))).toBe(42);
      expect(await lastValueFrom(client.send('price:stream', 1))).toBe(3);
      expect(await lastValueFrom(client.send('price:none', 1))).toBeNull();
    });

    it('get no value when their handler has none', async () => {
      await serve();
      expect(await lastValueFrom(connect().send('price:nothing', 1), { defaultValue: 'none' })).toBe('none');
    });

    it('fail with what the handler threw, as the filters left it', async () => {
      await serve();
      connect();
      const error = (pattern: string) =>
        lastValueFrom(client.send(pattern, 1)).catch((thrown: unknown) => thrown);
      expect(await error('price:wrong')).toEqual({
        status: 'error',
        code: 'NO_PRICE',
        message: 'no price today',
      });
      expect(await error('price:refused')).toMatchObject({
        statusCode: 400,
        message: ['sku must be a string'],
      });
      expect(await error('price:broken')).toEqual({ status: 'error', message: 'Internal server error' });
    });

    it('time out with a typed error, and can be given up', async () => {
      await serve();
      connect({ requestTimeout: '200ms' });
      await expect(lastValueFrom(client.send('price:slow', 1))).rejects.toMatchObject({ code: 'TIMEOUT' });
      const record = new RocketMQRecordBuilder(1).setOptions({ timeout: '20s' }).build();
      const impatient = client.send('price:slow', record).pipe(timeout(50));
      await expect(lastValueFrom(impatient)).rejects.toMatchObject({ name: 'TimeoutError' });
    });

    it('of a template are answered as well', async () => {
      await serve();
      connect();
      const module = await Test.createTestingModule({
        imports: [RocketMQModule.forRoot(cluster.options())],
      }).compile();
      await module.init();
      expect(await module.get(RocketMQTemplate).sendAndReceive('price:double', 4, { timeout: '10s' })).toBe(
        8,
      );
      await module.close();
    });
  });

  it('tell how it is with their connection', async () => {
    const told: RocketMQStatus[] = [];
    connect().status.subscribe((status) => told.push(status));
    await client.connect();
    await client.close();
    expect(told).toEqual(['connecting', 'connected', 'disconnected']);
    told.length = 0;
    await serve();
    server.status.subscribe((status) => told.push(status));
    expect(service.unwrap<ReadonlyMap<string, unknown>>().size).toBe(2);
    await service.close();
    expect(told).toEqual(['connected', 'disconnected']);
  });

  it('say what is wrong when they cannot start', async () => {
    await serve();
    connect();
    const module = await Test.createTestingModule({
      controllers: [OrderController],
      providers: [Seen],
    }).compile();
    const strategy = new RocketMQServer(cluster.options());
    await expect(module.createNestMicroservice({ strategy, logger: false }).listen()).rejects.toThrow(
      'The pattern order:created has no consumer group',
    );
    const nowhere = new RocketMQClient({ nameServer: '127.0.0.1:1' });
    await expect(nowhere.connect()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(() => new RocketMQServer({ nameServer: 'x' })).toThrow('is not host:port');
  });
});
