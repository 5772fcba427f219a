import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConsumerRunningInfo,
  LockBatchRequestBody,
  LockBatchResponseBody,
  RemotingCommand,
  RequestCode,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueBroker, settles } from '../../spec-support/queue-broker.ts';
import { ok, refused } from '../../spec-support/scripted-server.ts';
import type { PushConsumerOptions } from './consumer-options.ts';
import type { MessageListenerOrderly } from './consumer-types.ts';
import { DefaultMQPushConsumer } from './default-mq-push-consumer.ts';

describe('a consumer in order', () => {
  let broker: QueueBroker;
  let clock: ManualClock;
  let got: string[];
  /** Whether the broker gives and keeps locks. */
  let granted: boolean;
  const consumers: DefaultMQPushConsumer[] = [];

  beforeEach(async () => {
    broker = await QueueBroker.start();
    granted = true;
    broker.server.on(41, (request) => {
      const { mqSet } = LockBatchRequestBody.decode(request.body);
      return ok(request, {}, LockBatchResponseBody.encode({ lockOKMQSet: granted ? mqSet : [] }));
    });
    clock = new ManualClock();
    got = [];
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown({ drainMs: 0 })));
    await broker.close();
  });

  async function started(
    listener: MessageListenerOrderly = () => undefined,
    options: Partial<PushConsumerOptions> = {},
  ): Promise<DefaultMQPushConsumer> {
    const nameServer = broker.nameServer?.address ?? '';
    const consumer = new DefaultMQPushConsumer({ group: 'g', nameServer, clock, ...options });
    consumers.push(consumer);
    consumer.subscribe('T');
    consumer.onMessageOrderly((messages, context) => {
      got.push(...messages.map((message) => `${message.body.toString()}/${message.reconsumeTimes}`));
      return listener(messages, context);
    });
    await consumer.start();
    return consumer;
  }

  const append = (count: number) => broker.append(...Array.from({ length: count }, () => ({})));
  const stored = () =>
    broker.server
      .of(15)
      .filter((request) => request.get('topic') === 'T')
      .map((request) => Number(request.get('commitOffset')));
  const locks = (code: number) =>
    broker.server.of(code).flatMap((request) => {
      const { mqSet } = LockBatchRequestBody.decode(request.body);
      return mqSet.filter(({ topic }) => topic === 'T');
    });
  const step = () => clock.advance(100);

  it('locks a queue before it begins with it, and pulls nothing of one that is not its own', async () => {
    granted = false;
    append(3);
    const consumer = await started();
    expect(locks(41)).toEqual([{ topic: 'T', brokerName: 'b', queueId: 0 }]);
    const [request] = broker.server.of(41);
    expect(LockBatchRequestBody.decode(request?.body as Buffer)).toMatchObject({
      consumerGroup: 'g',
      clientId: consumer.clientId,
      onlyThisBroker: false,
    });
    expect(consumer.assignment()).toEqual([]);
    expect(broker.pulls).toEqual([]);
    granted = true;
    await settles(() => got.length === 3, step);
    expect(got).toEqual(['m0/0', 'm1/0', 'm2/0']);
  });

  it('consumes one message of a queue at a time, whatever its concurrency', async () => {
    append(50);
    let running = 0;
    let most = 0;
    await started(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    await settles(() => got.length === 50);
    expect(most).toBe(1);
    expect(got).toEqual(Array.from({ length: 50 }, (_, i) => `m${i}/0`));
    await settles(() => stored().includes(50), step);
  });

  it('tries a message again in its place after a moment, and nothing behind it before', async () => {
    append(3);
    let failures = 2;
    await started(() => {
      if (failures-- > 0) throw new Error('not yet');
    });
    await settles(() => got.length === 1);
    await clock.advanceAsync(999, 333);
    expect(got).toEqual(['m0/0']);
    clock.advance(1);
    await settles(() => got.length === 2);
    await settles(() => got.length === 5, step);
    expect(got).toEqual(['m0/0', 'm0/1', 'm0/2', 'm1/0', 'm2/0']);
    expect(broker.server.of(36)).toEqual([]);
  });

  it.each([
    [200, 200],
    [1, 10],
    [60_000, 30_000],
  ])('waits %i ms when told so, within bounds: %i ms', async (asked, waited) => {
    append(1);
    await started((_messages, context) => {
      context.suspendCurrentQueueTimeMillis = asked;
      return got.length === 1 ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS';
    });
    await settles(() => got.length === 1);
    // Less than 30 s at a time, so that the lock is renewed between.
    await clock.advanceAsync(waited - 1, 5000);
    expect(got).toHaveLength(1);
    clock.advance(1);
    await settles(() => got.length === 2);
  });

  it('puts a message to the dead letters after maxReconsumeTimes, and goes on behind it', async () => {
    append(2);
    await started(
      ([message]) => (message?.queueOffset === 0 ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS'),
      {
        maxReconsumeTimes: 2,
      },
    );
    await settles(() => got.length === 4, step);
    expect(got).toEqual(['m0/0', 'm0/1', 'm0/2', 'm1/0']);
    const [resent] = broker.server.of(310);
    // Tried more often than allowed: that is how the broker knows a dead letter.
    expect(Object.fromEntries(resent?.extFields ?? [])).toMatchObject({ b: '%RETRY%g', j: '3', l: '2' });
    expect(broker.server.of(36)).toEqual([]);
    await settles(() => stored().includes(2), step);
  });

  it('tries on while a dead letter can not be written', async () => {
    append(1);
    broker.server.on(310, (request) => refused(request, ResponseCode.MESSAGE_ILLEGAL, 'no'));
    await started(() => 'SUSPEND_CURRENT_QUEUE_A_MOMENT', { maxReconsumeTimes: 0 });
    await settles(() => got.length === 3, step);
    expect(got).toEqual(['m0/0', 'm0/1', 'm0/2']);
    expect(stored().filter((offset) => offset > 0)).toEqual([]);
  });

  it('puts a message to the dead letters at once when its listener says so, with its reason', async () => {
    append(2);
    await started(([message], context) => {
      if (message?.queueOffset === 0) context.reject(0, { reason: 'bad' });
    });
    await settles(() => got.length === 2);
    const [resent] = broker.server.of(310);
    expect(resent?.get('i')).toContain('reason\u0001bad');
    expect(Number(resent?.get('j'))).toBeGreaterThan(Number(resent?.get('l')));
  });

  it('without autoCommit stores nothing before COMMIT, and takes all since then again on ROLLBACK', async () => {
    append(6);
    let rolledBack = false;
    await started(([message], context) => {
      context.autoCommit = false;
      if (message?.queueOffset === 1) return 'COMMIT';
      if (message?.queueOffset === 4 && !rolledBack) {
        rolledBack = true;
        return 'ROLLBACK';
      }
      return 'SUCCESS';
    });
    await settles(() => got.length === 9, step);
    expect(got.map((line) => line.slice(0, 2))).toEqual('m0 m1 m2 m3 m4 m2 m3 m4 m5'.split(' '));
    await settles(() => stored().includes(2), step);
    expect(Math.max(...stored())).toBe(2);
  });

  it('renews its locks every 20 s', async () => {
    await started();
    expect(locks(41)).toHaveLength(1);
    clock.advance(1000);
    await settles(() => locks(41).length === 2);
    await clock.advanceAsync(19_999, 19_999);
    expect(locks(41)).toHaveLength(2);
    clock.advance(1);
    await settles(() => locks(41).length === 3);
  });

  it('stops at once when another member has its lock, and begins anew at the stored offset', async () => {
    append(4);
    const consumer = await started(() => 'SUSPEND_CURRENT_QUEUE_A_MOMENT');
    await settles(() => got.length === 1);
    granted = false;
    clock.advance(1000);
    await settles(() => consumer.assignment().every(({ topic }) => topic !== 'T'));
    const before = got.length;
    await clock.advanceAsync(5000, 500);
    expect(got).toHaveLength(before);
    // The other one has come to 3 meanwhile.
    broker.stored = 3;
    granted = true;
    await settles(() => got.length > before, step);
    expect(got.at(-1)).toBe('m3/0');
    expect(stored().filter((offset) => offset < 3 && offset > 0)).toEqual([]);
  });

  it('consumes nothing while its locks can not be confirmed for 30 s', async () => {
    append(1);
    broker.server.on(41, (request) => {
      if (!granted) return refused(request, ResponseCode.SYSTEM_BUSY, 'busy');
      const { mqSet } = LockBatchRequestBody.decode(request.body);
      return ok(request, {}, LockBatchResponseBody.encode({ lockOKMQSet: mqSet }));
    });
    await started();
    await settles(() => got.length === 1);
    granted = false;
    await clock.advanceAsync(31_000, 500);
    append(1);
    await clock.advanceAsync(1000, 100);
    expect(got).toHaveLength(1);
    granted = true;
    await settles(() => got.length === 2, step);
  });

  it('lets a call that runs end before it gives its queue to another member, and stores its result', async () => {
    append(2);
    let release: () => void = () => undefined;
    const consumer = await started(() => new Promise((resolve) => (release = () => resolve())));
    await settles(() => got.length === 1);
    // All queues go to the member whose id comes first.
    broker.members.add('!');
    broker.connection.oneway(
      RemotingCommand.request(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new Map([['consumerGroup', 'g']])),
    );
    await settles(() => consumer.assignment().every(({ topic }) => topic !== 'T'));
    expect(locks(42)).toEqual([]);
    release();
    await settles(() => locks(42).length === 1);
    expect(stored().at(-1)).toBe(1);
    expect(got).toEqual(['m0/0']);
  });

  it('gives the lock back 20 s after it was confirmed, though a call still runs', async () => {
    append(2);
    const consumer = await started(() => new Promise(() => undefined));
    await settles(() => got.length === 1);
    broker.members.add('!');
    broker.connection.oneway(
      RemotingCommand.request(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new Map([['consumerGroup', 'g']])),
    );
    await settles(() => consumer.assignment().every(({ topic }) => topic !== 'T'));
    await clock.advanceAsync(18_000, 1000);
    expect(locks(42)).toEqual([]);
    await clock.advanceAsync(3000, 1000);
    await settles(() => locks(42).length === 1);
  });

  it('gives its locks back when it shuts down, and leaves no timer', async () => {
    append(1);
    const consumer = await started();
    await settles(() => got.length === 1);
    await consumer.shutdown();
    expect(locks(42)).toHaveLength(1);
    expect(stored().at(-1)).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('locks nothing when broadcasting', async () => {
    append(2);
    const localOffsetStoreDir = mkdtempSync(join(tmpdir(), 'offsets-'));
    const consumer = await started(() => undefined, {
      messageModel: 'BROADCASTING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      localOffsetStoreDir,
    });
    await settles(() => got.length === 2);
    await consumer.shutdown();
    expect(broker.server.of(41)).toEqual([]);
    rmSync(localOffsetStoreDir, { recursive: true });
  });

  it('is shown as such, with its locks', async () => {
    await started();
    const response = await broker.connection.request(
      RemotingCommand.request(
        RequestCode.GET_CONSUMER_RUNNING_INFO,
        new Map([
          ['consumerGroup', 'g'],
          ['clientId', 'c'],
        ]),
      ),
      2000,
    );
    const info = ConsumerRunningInfo.decode(response.body);
    expect(info.properties.get('PROP_CONSUMEORDERLY')).toBe('true');
    expect(info.mqTable.every(({ value }) => value.locked)).toBe(true);
  });
});
