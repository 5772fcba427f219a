import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once, EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Context,
  MessageContext,
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQRegistry,
  RocketMQTemplate,
} from './index.ts';

interface Order {
  id: number;
}

/** What handlers were given, for a spec to wait for. */
class Seen extends EventEmitter {
  readonly all: { payload: unknown; context: MessageContext }[] = [];

  add(payload: unknown, context: MessageContext) {
    this.all.push({ payload, context });
    this.emit('message');
  }

  async count(n: number) {
    while (this.all.length < n) await once(this, 'message');
    return this.all;
  }
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  topic: 'order',
})
class StockListener {
  constructor(private readonly seen: Seen) {}

  @RocketMQMessageListener({ tags: 'created' })
  take(@Payload() order: Order, @Context() context: MessageContext) {
    this.seen.add(order, context);
  }

  @RocketMQMessageListener({ tags: 'late' })
  late(@Payload() order: Order, @Context() context: MessageContext) {
    this.seen.add(order, context);
    if (context.attempt === 1) throw new RetryLater('1s');
  }

  @RocketMQMessageListener({ tags: 'bad' })
  bad() {
    throw new RejectMessage('never wanted');
  }
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'undertaker',
  topic: '%DLQ%stock',
  payload: 'message',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class DeadLetterListener {
  constructor(private readonly seen: Seen) {}

  onMessage(payload: unknown, context: MessageContext) {
    this.seen.add(payload, context);
  }
}

// Over real sockets and real time: a busy machine may take its time.
jest.setTimeout(30_000);

describe('an application on an embedded cluster', () => {
  let storePath: string;
  let app: TestingModule;

  async function start(...providers: (typeof StockListener | typeof DeadLetterListener)[]) {
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ embedded: { storePath } })],
      providers: [...providers, Seen],
    }).compile();
    app.useLogger(false);
    await app.init();
    return { template: app.get(RocketMQTemplate), seen: app.get(Seen) };
  }

  beforeEach(async () => {
    storePath = await mkdtemp(join(tmpdir(), 'nest-rocketmq-'));
  });

  afterEach(async () => {
    await app.close();
    await rm(storePath, { recursive: true, force: true });
  });

  it('gets to its listener what its template sends', async () => {
    const { template, seen } = await start(StockListener);
    const sent = await template.send('order:created', { id: 7 }, { keys: 'k1', headers: { trace: 't' } });
    expect(sent.sendStatus).toBe('SEND_OK');
    const [first] = await seen.count(1);
    expect(first?.payload).toEqual({ id: 7 });
    expect(first?.context).toMatchObject({
      topic: 'order',
      tag: 'created',
      keys: ['k1'],
      msgId: sent.msgId,
      attempt: 1,
    });
    expect(first?.context.headers.get('trace')).toBe('t');
    expect(app.get(RocketMQRegistry).list()[0]?.queues.length).toBeGreaterThan(0);
  });

  it('brings a message that failed again, after the time its handler said', async () => {
    const { template, seen } = await start(StockListener);
    const sent = await template.send('order:late', { id: 8 });
    const [first, second] = await seen.count(2);
    expect([first?.context.attempt, second?.context.attempt]).toEqual([1, 2]);
    expect(second?.context).toMatchObject({ topic: 'order', tag: 'late', msgId: sent.msgId });
  });

  it('keeps rejected and unreadable messages as dead letters, with the reason', async () => {
    const { template, seen } = await start(StockListener, DeadLetterListener);
    await template.send('order:bad', { id: 9 });
    await template.send('order:created', '{"id":', { headers: { contentType: 'application/json' } });
    const letters = await seen.count(2);
    const reasons = letters.map(({ context }) => context.headers.get('REJECT_REASON'));
    expect(reasons).toHaveLength(2);
    expect(reasons).toEqual(
      expect.arrayContaining([
        'never wanted',
        expect.stringContaining("contentType application/json) can't be read"),
      ]),
    );
  });

  it('goes on where it was after a restart', async () => {
    const one = await start(StockListener);
    await one.template.send('order:created', { id: 1 });
    await one.seen.count(1);
    await app.close();

    const two = await start(StockListener);
    await two.template.send('order:created', { id: 2 });
    await two.seen.count(1);
    expect(two.seen.all.map(({ payload }) => payload)).toEqual([{ id: 2 }]);
  });
});
