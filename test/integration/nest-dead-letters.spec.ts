import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ManualClock } from '@nest-rocketmq/runtime';
import { DeadLetterQueue, DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import {
  Context,
  DeadLetterService,
  MessageContext,
  Payload,
  RejectMessage,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type RocketMQModuleOptions,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StockListener {
  broken = true;
  readonly done: { payload: { n: number }; context: MessageContext }[] = [];

  onMessage(@Payload() payload: { n: number }, @Context() context: MessageContext): void {
    if (this.broken) throw new RejectMessage(payload.n % 2 === 0 ? 'even numbers' : 'odd numbers');
    this.done.push({ payload, context });
  }
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'audit',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class AuditListener {
  readonly seen: { n: number }[] = [];

  onMessage(@Payload() payload: { n: number }): void {
    this.seen.push(payload);
  }
}

describe('the dead letter service', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  let template: RocketMQTemplate;
  let service: DeadLetterService;
  let stock: StockListener;
  let audit: AuditListener;

  async function start(options: Partial<RocketMQModuleOptions> = {}): Promise<void> {
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options(options))],
      providers: [StockListener, AuditListener],
    }).compile();
    app.useLogger(false);
    await app.init();
    template = app.get(RocketMQTemplate);
    service = app.get(DeadLetterService);
    stock = app.get(StockListener);
    audit = app.get(AuditListener);
  }

  /** Sends numbered orders, and waits until all are dead letters. */
  async function kill(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 1; n <= count; n++) {
      const sent = await template.send('order:created', { n }, { keys: `k${n}`, headers: { tenant: 'a' } });
      ids.push(sent.msgId);
    }
    await eventually(async () => (await service.count('stock')) === count && audit.seen.length === count);
    return ids;
  }

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
  });

  afterEach(async () => {
    await app.close();
    await cluster.stop();
  });

  it('lists what was given up, with the reason and the topic of origin', async () => {
    await start();
    expect(await service.list('stock')).toEqual([]);
    const [first] = await kill(2);
    const letter = (await service.list('stock')).find(({ keys }) => keys.includes('k1'));
    expect(letter).toMatchObject({
      group: 'stock',
      msgId: first,
      topic: 'order',
      tag: 'created',
      reason: 'odd numbers',
      rejectedBy: 'StockListener.onMessage',
      attempts: 1,
    });
    expect(letter?.message.body.toString()).toBe('{"n":1}');
    expect(await service.list('stock', { limit: 1 })).toHaveLength(1);
    expect(await service.list('nobody')).toEqual([]);
  });

  it('filters by what is told of them', async () => {
    await start();
    const ids = await kill(4);
    const keys = async (filter: Parameters<DeadLetterService['list']>[1]) =>
      (await service.list('stock', filter)).flatMap((letter) => [...letter.keys]).toSorted();
    expect(await keys({ reason: 'even' })).toEqual(['k2', 'k4']);
    expect(await keys({ reason: /^odd/g })).toEqual(['k1', 'k3']);
    expect(await keys({ key: 'k3' })).toEqual(['k3']);
    expect(await keys({ msgId: ids[1] })).toEqual(['k2']);
    expect(
      await keys({ topic: 'order', tag: 'created', rejectedBy: 'StockListener.onMessage' }),
    ).toHaveLength(4);
    expect(await keys({ topic: 'other' })).toEqual([]);
    expect(await keys({ until: 1 })).toEqual([]);
    expect(await keys({ from: Date.now() + 3_600_000 })).toEqual([]);
    expect(await keys({ from: Date.now() - 3_600_000 })).toHaveLength(4);
    expect(await keys({ where: ({ message }) => message.body.includes('4') })).toEqual(['k4']);
  });

  it('sends nothing in a dry run, and says what it would send', async () => {
    await start();
    await kill(3);
    const letters: string[] = [];
    const report = await service.replay('stock', {
      dryRun: true,
      reason: 'odd',
      onReplay: ({ keys }) => letters.push(...keys),
    });
    expect(report).toMatchObject({ dryRun: true, replayed: 2, failed: [], stopped: undefined, next: [] });
    expect(report.topics).toEqual(new Map([['order', 2]]));
    expect(letters.toSorted()).toEqual(['k1', 'k3']);
    expect(await cluster.messages('order')).toHaveLength(3);
  });

  it('sends them to their topic of origin as they were, and goes on where it ended', async () => {
    await start();
    const [id] = await kill(3);
    stock.broken = false;
    const first = await service.replay('stock', { limit: 1, rate: 1000 });
    expect(first.replayed).toBe(1);
    const rest = await service.replay('stock', { position: first.next, rate: 1000 });
    expect(rest).toMatchObject({ replayed: 2, failed: [], stopped: undefined });
    await eventually(async () => stock.done.length === 3);
    expect(stock.done.map(({ payload }) => payload.n).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    const again = stock.done.find(({ payload }) => payload.n === 1)?.context;
    expect(again).toMatchObject({ topic: 'order', tag: 'created', keys: ['k1'], msgId: id, attempt: 1 });
    expect(again?.headers.get('tenant')).toBe('a');
    expect(again?.headers.get('DLQ_ORIGIN_MESSAGE_ID')).toBeDefined();
    for (const name of ['REJECT_REASON', 'REJECTED_BY', 'DLQ_ORIGIN_TOPIC', 'RETRY_TOPIC'])
      expect(again?.headers.has(name)).toBe(false);
    expect((await service.replay('stock', { position: rest.next })).replayed).toBe(0);
    await eventually(async () => audit.seen.length === 6);
  });

  it('sends them to their group alone when told to', async () => {
    await start();
    await kill(2);
    stock.broken = false;
    const report = await service.replay('stock', { to: 'group' });
    expect(report.topics).toEqual(new Map([['order', 2]]));
    await eventually(async () => stock.done.length === 2);
    expect(stock.done[0]?.context.topic).toBe('order');
    expect(await cluster.messages('order')).toHaveLength(2);
    expect(audit.seen).toHaveLength(2);
  });

  it('keeps its rate', async () => {
    await start();
    await kill(3);
    const clock = new ManualClock();
    const admin = new MQAdmin({ nameServer: cluster.nameServer });
    const producer = new DefaultMQProducer({ group: 'replayer', nameServer: cluster.nameServer });
    await Promise.all([admin.start(), producer.start()]);
    const sent: number[] = [];
    const replaying = new DeadLetterQueue('stock', { admin, producer, clock }).replay({
      rate: 2,
      onReplay: () => sent.push(clock.now()),
    });
    const began = clock.now();
    for (let n = 1; n < 3; n++) {
      await eventually(async () => sent.length === n && clock.pending === 1);
      clock.advance(500);
    }
    expect((await replaying).replayed).toBe(3);
    expect(sent.map((time) => time - began)).toEqual([0, 500, 1000]);
    await Promise.all([admin.shutdown(), producer.shutdown()]);
  });

  it('stops when it is aborted, and says where to go on', async () => {
    await start();
    await kill(4);
    stock.broken = false;
    const abort = new AbortController();
    const report = await service.replay('stock', {
      rate: 1000,
      signal: abort.signal,
      onReplay: ({ keys }) => keys.includes('k2') && abort.abort(),
    });
    expect(report.stopped).toBe('aborted');
    expect(report.replayed).toBeLessThan(4);
    const rest = await service.replay('stock', { position: report.next, rate: 1000 });
    expect(report.replayed + rest.replayed).toBe(4);
  });

  it('stops at one that cannot be sent, unless told to go on', async () => {
    await start();
    await kill(3);
    const admin = new MQAdmin({ nameServer: cluster.nameServer });
    await admin.start();
    const send = async ({ keys }: { keys?: unknown }): Promise<never> => {
      throw new Error(`no room for ${String(keys)}`);
    };
    const queue = new DeadLetterQueue('stock', { admin, producer: { send } });
    const stopped = await queue.replay();
    expect(stopped).toMatchObject({
      replayed: 0,
      stopped: 'failed',
      failed: [{ error: { message: /no room/ } }],
    });
    const all = await queue.replay({ keepGoing: true, rate: 1000 });
    expect(all).toMatchObject({ replayed: 0, stopped: undefined });
    expect(
      all.failed.flatMap(({ letter }) => [...letter.keys]).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['k1', 'k2', 'k3']);
    await admin.shutdown();
  });

  it('knows the namespace of its connection', async () => {
    await start({ namespace: 'shop' });
    await kill(1);
    stock.broken = false;
    expect((await service.list('stock'))[0]).toMatchObject({ topic: 'order', reason: 'odd numbers' });
    await service.replay('stock', { to: 'group' });
    await eventually(async () => stock.done.length === 1);
    await service.replay('stock');
    await eventually(async () => stock.done.length === 2);
    expect(stock.done[1]?.context.topic).toBe('order');
  });

  it('refuses what makes no sense', async () => {
    await start();
    await expect(service.replay('stock', { rate: 0 })).rejects.toThrow('not 0');
    await expect(service.list('stock', { connection: 'other' })).rejects.toThrow("no connection 'other'");
  });
});
