import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConsumeMessageDirectlyResult,
  ConsumerRunningInfo,
  GetConsumerStatusBody,
  HeartbeatData,
  RemotingCommand,
  RequestCode,
  ResetOffsetBody,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueBroker, settles } from '../../spec-support/queue-broker.ts';
import { ok, recordOf, refused, routeOf } from '../../spec-support/scripted-server.ts';
import { consumeChannel, type ConsumeEvent } from '../diagnostics/channels.ts';
import type { MessageExt, MessageQueue } from '../message/message.ts';
import type { PushConsumerOptions } from './consumer-options.ts';
import type { ConsumeConcurrentlyContext, MessageListenerConcurrently } from './consumer-types.ts';
import { DefaultMQPushConsumer } from './default-mq-push-consumer.ts';

const nothing = (): void => undefined;
const NOTHING_TOLD = { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing };

describe('DefaultMQPushConsumer', () => {
  let broker: QueueBroker;
  let clock: ManualClock;
  let got: MessageExt[];
  const consumers: DefaultMQPushConsumer[] = [];

  beforeEach(async () => {
    broker = await QueueBroker.start();
    clock = new ManualClock();
    got = [];
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown({ drainMs: 0 })));
    await broker.close();
  });

  async function started(
    options: Partial<PushConsumerOptions> = {},
    listener: MessageListenerConcurrently = () => undefined,
    expression = '*',
  ): Promise<DefaultMQPushConsumer> {
    const consumer = new DefaultMQPushConsumer({
      group: 'g',
      nameServer: broker.nameServer?.address ?? '',
      clock,
      ...options,
    });
    consumers.push(consumer);
    consumer.subscribe('T', expression);
    consumer.onMessage((messages, context) => {
      got.push(...messages);
      return listener(messages, context);
    });
    await consumer.start();
    return consumer;
  }

  const append = (count: number) => broker.append(...Array.from({ length: count }, () => ({})));
  const bodies = () => got.map((message) => message.body.toString());

  it('knows its queues while it starts, when its listener is called already', async () => {
    append(1);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    broker.server.on(14, async (request) => {
      if (request.get('topic') === '%RETRY%g') await gate;
      return ok(request, { offset: '0' });
    });
    let assignment: MessageQueue[] | undefined;
    const starting = started({}, () => {
      assignment = consumers[0]?.assignment();
    });
    await settles(() => got.length === 1);
    go();
    await starting;
    expect(assignment).toEqual([{ topic: 'T', brokerName: 'b', queueId: 0 }]);
  });

  it('is given again what was left, while the queue stays its own', async () => {
    append(2);
    const outcomes: unknown[] = [];
    const told = { ...NOTHING_TOLD, asyncEnd: (event: ConsumeEvent) => outcomes.push(event.outcomes) };
    consumeChannel.subscribe(told);
    const consumer = await started({}, (_messages, context) => {
      if (got.length === 1) context.leave();
    });
    await settles(
      () => got.length === 3,
      () => clock.advance(100),
    );
    expect(bodies()).toEqual(['m0', 'm1', 'm0']);
    expect(got.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([0, 0, 0]);
    await consumer.shutdown();
    consumeChannel.unsubscribe(told);
    expect(outcomes).toEqual([['retry'], ['consumed'], ['consumed']]);
    const stored = broker.server.of(15).filter((request) => request.get('topic') === 'T');
    expect(stored.at(-1)?.get('commitOffset')).toBe('2');
  });

  it('runs as many calls at once as it is resized to, while it runs', async () => {
    append(6);
    const ends: (() => void)[] = [];
    const consumer = await started({ concurrency: 1 }, () => new Promise<void>((end) => ends.push(end)));
    await settles(() => got.length === 1);
    consumer.resize(3);
    expect(got).toHaveLength(3);
    consumer.resize(1);
    for (const end of ends.splice(0)) end();
    await settles(() => got.length === 4);
    expect(() => consumer.resize(0)).toThrow('concurrency is 0');
    await settles(
      () => got.length === 6 && ends.length === 0,
      () => ends.shift()?.(),
    );
  });

  it('neither stores nor gives back what a call leaves', async () => {
    append(2);
    const consumer = await started({}, (_messages, context) => context.leave());
    await settles(() => got.length === 2);
    await consumer.shutdown();
    expect(broker.server.of(15).filter((request) => request.get('commitOffset') !== '0')).toEqual([]);
    expect(broker.server.of(36)).toEqual([]);
  });

  it('waits for what a call defers, and counts how it ended first', async () => {
    append(3);
    const deferred: ConsumeConcurrentlyContext[] = [];
    const consumer = await started({ concurrency: 1 }, ([message], context) => {
      context.defer();
      // One that is over before it returns, one that promises nothing, and one that returns nothing.
      if (message?.queueOffset === 0) context.done();
      else deferred.push(context);
      return message?.queueOffset === 1 ? Promise.resolve() : undefined;
    });
    await settles(() => got.length === 2);
    expect(broker.server.of(36)).toEqual([]);
    deferred[0]?.done('RECONSUME_LATER');
    deferred[0]?.done();
    await settles(() => got.length === 3 && broker.server.of(36).length === 1);
    expect(broker.server.of(36)[0]?.get('offset')).toBe(String(got[1]?.commitLogOffset));
    const drained = consumer.shutdown();
    deferred[1]?.done();
    expect(await drained).toBe(true);
    const stored = broker.server.of(15).filter((request) => request.get('topic') === 'T');
    expect(stored.at(-1)?.get('commitOffset')).toBe('3');
  });

  it('ends calls that end where they begin one after the other, however many', async () => {
    append(500);
    await started({ concurrency: 1, pullBatchSize: 500 }, () => undefined);
    await settles(() => got.length === 500);
    expect(got.map(({ queueOffset }) => queueOffset)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  it('tells the broker its group and subscriptions before it pulls', async () => {
    const consumer = await started({}, undefined, 'a || b');
    const [first] = broker.server.of(34);
    const { clientID, consumerDataSet, producerDataSet } = HeartbeatData.decode(first?.body as Buffer);
    expect(clientID).toBe(consumer.clientId);
    expect(producerDataSet).toEqual([{ groupName: 'CLIENT_INNER_PRODUCER' }]);
    expect(consumerDataSet).toEqual([
      {
        groupName: 'g',
        consumeType: 'CONSUME_PASSIVELY',
        messageModel: 'CLUSTERING',
        consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
        unitMode: false,
        subscriptionDataSet: [
          expect.objectContaining({
            topic: 'T',
            subString: 'a || b',
            tagsSet: ['a', 'b'],
            codeSet: [97, 98],
          }),
          expect.objectContaining({ topic: '%RETRY%g', subString: '*', tagsSet: [] }),
        ],
      },
    ]);
    expect(consumer.assignment()).toEqual(
      expect.arrayContaining([
        { topic: 'T', brokerName: 'b', queueId: 0 },
        { topic: '%RETRY%g', brokerName: 'b', queueId: 0 },
      ]),
    );
  });

  it('pulls as Java does, and takes its offset along with the next pull', async () => {
    append(3);
    await started();
    await settles(() => got.length === 3 && broker.pulls.length >= 2);
    const [first, second] = broker.pulls;
    expect(Object.fromEntries(first?.extFields ?? [])).toMatchObject({
      consumerGroup: 'g',
      queueId: '0',
      queueOffset: '0',
      maxMsgNums: '32',
      sysFlag: '2',
      commitOffset: '0',
      suspendTimeoutMillis: '15000',
      expressionType: 'TAG',
      maxMsgBytes: '262144',
    });
    expect(second?.get('queueOffset')).toBe('3');
    append(1);
    await settles(() => broker.pulls.length >= 3);
    expect(broker.pulls[2]?.get('sysFlag')).toBe('3');
    expect(Number(broker.pulls[2]?.get('commitOffset'))).toBeGreaterThanOrEqual(3);
  });

  it('leaves out messages whose tag merely has the hash code of a subscribed one', async () => {
    broker.append({ TAGS: 'Aa' }, { TAGS: 'BB' }, {}, { TAGS: 'Aa' });
    await started({}, undefined, 'Aa');
    await settles(() => got.length === 2);
    expect(bodies()).toEqual(['m0', 'm3']);
  });

  it('runs no more than `concurrency` calls at once, with at most `consumeMessageBatchMaxSize` messages', async () => {
    append(20);
    let running = 0;
    let most = 0;
    const sizes: number[] = [];
    await started({ concurrency: 3, consumeMessageBatchMaxSize: 4 }, async (messages) => {
      sizes.push(messages.length);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    await settles(() => got.length === 20);
    expect(most).toBe(3);
    expect(sizes).toEqual([4, 4, 4, 4, 4]);
  });

  it('stops pulling while too many messages wait, and goes on when there is room', async () => {
    append(100);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await started({ pullBatchSize: 10, pullThresholdForQueue: 25, concurrency: 1 }, () => gate);
    await settles(() => broker.pulls.length === 3);
    await clock.advanceAsync(1000, 50);
    expect(broker.pulls).toHaveLength(3);
    release();
    await settles(
      () => got.length === 100,
      () => clock.advance(50),
    );
    expect(bodies()).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
  });

  it.each([
    ['stops pulling while messages too far apart wait', [0, 30], 4],
    ['goes on when only the first message waits', [0], 11],
  ])('%s', async (_name, stuck, pulls) => {
    append(100);
    await started({ pullBatchSize: 10, consumeConcurrentlyMaxSpan: 20, concurrency: 3 }, ([message]) =>
      stuck.includes(message?.queueOffset ?? -1) ? new Promise(() => undefined) : undefined,
    );
    await settles(
      () => broker.pulls.length === pulls,
      () => clock.advance(50),
    );
    await clock.advanceAsync(2000, 50);
    expect(broker.pulls).toHaveLength(pulls);
    // The first message is not consumed: nothing behind it can be committed.
    expect(broker.server.of(15).filter((request) => request.get('commitOffset') !== '0')).toEqual([]);
  });

  it('says a heartbeat and pulls again at once when the broker does not know it', async () => {
    let refusals = 2;
    broker.onPull = (request) =>
      refusals-- > 0 ? refused(request, ResponseCode.SUBSCRIPTION_NOT_EXIST, 'unknown') : undefined;
    append(1);
    await started();
    await settles(() => broker.pulls.length === 2);
    expect(broker.server.of(34).length).toBeGreaterThan(1);
    expect(got).toEqual([]);
    // The second refusal in a row is an error like others: the next pull comes a second later.
    await settles(
      () => got.length === 1,
      () => clock.advance(100),
    );
    expect(broker.pulls.length).toBeGreaterThanOrEqual(3);
  });

  it('pulls again a second after an error', async () => {
    let refusals = 1;
    broker.onPull = (request) =>
      refusals-- > 0 ? refused(request, ResponseCode.SYSTEM_ERROR, 'oops') : undefined;
    append(1);
    await started();
    await settles(() => broker.pulls.length === 1);
    await clock.advanceAsync(999, 999);
    expect(broker.pulls).toHaveLength(1);
    clock.advance(1);
    await settles(() => got.length === 1);
  });

  it('goes on where the broker says when its offset is not one of the queue', async () => {
    append(60);
    broker.stored = 7;
    broker.onPull = (request) => {
      if (request.get('queueOffset') !== '7') return undefined;
      broker.stored = 50;
      const moved = ok(request, broker.pullFields(50));
      moved.code = ResponseCode.PULL_OFFSET_MOVED;
      return moved;
    };
    await started();
    await settles(() => got.length === 10);
    expect(bodies()[0]).toBe('m50');
    const stored = broker.server.of(15).find((request) => request.get('topic') === 'T');
    expect(stored?.get('commitOffset')).toBe('50');
  });

  it('reads from the broker it is told to, and commits only at the master', async () => {
    const slave = await QueueBroker.start();
    for (const route of broker.routes.values()) route.brokerDatas[0]?.brokerAddrs.set(1, slave.address);
    broker.suggestWhichBrokerId = 1;
    slave.suggestWhichBrokerId = 1;
    append(2);
    slave.records.push(...broker.records);
    await started();
    await settles(() => got.length === 2 && slave.pulls.length === 1);
    expect(slave.pulls[0]?.get('sysFlag')).toBe('2');
    await slave.close();
  });

  it.each([
    ['CONSUME_FROM_LAST_OFFSET', undefined, '100', '0'],
    ['CONSUME_FROM_FIRST_OFFSET', undefined, '0', '0'],
    ['CONSUME_FROM_TIMESTAMP', '20260101000000', '50', '100'],
    ['CONSUME_FROM_LAST_OFFSET', 33, '33', '33'],
  ] as const)(
    'begins by %s with the stored offset %s at %s, its retry topic at %s',
    async (where, given, topic, retry) => {
      broker.stored = typeof given === 'number' ? given : undefined;
      await started({
        consumeFromWhere: where,
        ...(typeof given === 'string' ? { consumeTimestamp: given } : {}),
      });
      await settles(() => broker.server.of(11).length === 2);
      const offsets = new Map(
        broker.server.of(11).map((request) => [request.get('topic'), request.get('queueOffset')]),
      );
      expect(offsets).toEqual(
        new Map([
          ['T', topic],
          ['%RETRY%g', retry],
        ]),
      );
    },
  );

  it('stores its offsets every five seconds', async () => {
    append(3);
    await started();
    await settles(() => got.length === 3);
    await settles(
      () => broker.server.of(15).some((request) => request.get('commitOffset') === '3'),
      () => clock.advance(100),
    );
    expect(broker.server.of(15)[0]?.get('consumerGroup')).toBe('g');
  });

  it('sends a message back when its listener fails, with the delay it asks for', async () => {
    append(2);
    await started({ maxReconsumeTimes: 5 }, ([message], context) => {
      if (message?.queueOffset === 0) throw new Error('no');
      context.delayLevelWhenNextConsume = 4;
      return 'RECONSUME_LATER';
    });
    await settles(() => broker.server.of(36).length === 2);
    const [first, second] = broker.server.of(36);
    expect(Object.fromEntries(first?.extFields ?? [])).toMatchObject({
      offset: '0',
      group: 'g',
      delayLevel: '0',
      originTopic: 'T',
      maxReconsumeTimes: '5',
      unitMode: 'false',
    });
    expect(second?.get('delayLevel')).toBe('4');
    await settles(
      () => broker.server.of(15).some((request) => request.get('commitOffset') === '2'),
      () => clock.advance(100),
    );
  });

  it('sends it to the retry topic when the broker does not take it back', async () => {
    broker.server.on(36, (request) => refused(request, ResponseCode.SYSTEM_ERROR, 'message is gone'));
    broker.append({ TAGS: 't', UNIQ_KEY: 'ID', DELAY: '3' });
    await started({}, () => 'RECONSUME_LATER');
    await settles(() => broker.server.of(310).length === 1);
    const [resent] = broker.server.of(310);
    expect(Object.fromEntries(resent?.extFields ?? [])).toMatchObject({
      a: 'CLIENT_INNER_PRODUCER',
      b: '%RETRY%g',
      j: '1',
      l: '16',
    });
    const properties = new Map(
      (resent?.get('i') ?? '').split('\u0002').map((pair) => pair.split('\u0001') as [string, string]),
    );
    expect(properties.get('TAGS')).toBe('t');
    expect(properties.get('RETRY_TOPIC')).toBe('T');
    expect(properties.get('ORIGIN_MESSAGE_ID')).toMatch(/^[0-9A-F]{32}$/);
    expect(properties.get('DELAY')).toBe('3');
    expect(resent?.body.toString()).toBe('m0');
  });

  it('sends those that it gives up to the first queue of the retry topic where they are from, though that has no route yet', async () => {
    broker.routes.delete('%RETRY%g');
    broker.routes.set('TBW102', routeOf({ b: broker.server.address }));
    append(3);
    await started({}, (_, context) => {
      context.reject(0, { WHY: 'no' });
      return 'CONSUME_SUCCESS';
    });
    await settles(() => broker.server.of(310).length === 3);
    for (const resent of broker.server.of(310))
      expect(Object.fromEntries(resent.extFields)).toMatchObject({ b: '%RETRY%g', e: '0', l: '0' });
    expect(broker.server.of(36)).toEqual([]);
  });

  it('consumes it again from here after five seconds when neither works', async () => {
    broker.server.on(36, (request) => refused(request, ResponseCode.SYSTEM_ERROR, 'no'));
    broker.server.on(310, (request) => refused(request, ResponseCode.MESSAGE_ILLEGAL, 'no'));
    append(1);
    const times: number[] = [];
    await started({}, ([message]) => {
      times.push(message?.reconsumeTimes ?? -1);
      return times.length < 3 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
    });
    await settles(
      () => times.length === 3,
      () => clock.advance(100),
    );
    expect(times).toEqual([0, 1, 2]);
    await settles(
      () => broker.server.of(15).some((request) => request.get('commitOffset') === '1'),
      () => clock.advance(100),
    );
  });

  it('sends a message back that is being consumed for longer than the time-out', async () => {
    append(2);
    await started({ consumeTimeout: 5000 }, ([message]) =>
      message?.queueOffset === 0 ? new Promise(() => undefined) : undefined,
    );
    await settles(() => got.length === 2);
    await settles(
      () => broker.server.of(36).length === 1,
      () => clock.advance(100),
    );
    expect(broker.server.of(36)[0]?.get('delayLevel')).toBe('3');
    await settles(
      () => broker.server.of(15).some((request) => request.get('commitOffset') === '2'),
      () => clock.advance(100),
    );
  });

  it('acknowledges up to ackIndex only', async () => {
    append(4);
    await started({ consumeMessageBatchMaxSize: 4 }, (_messages, context) => {
      context.ackIndex = 1;
    });
    await settles(() => broker.server.of(36).length === 2);
    expect(broker.server.of(36).map((request) => request.get('offset'))).toEqual(['2000', '3000']);
  });

  it('pulls nothing while it is suspended', async () => {
    const consumer = await started();
    await settles(() => broker.pulls.length === 1);
    consumer.suspend();
    append(1);
    await settles(() => got.length === 1);
    append(1);
    await clock.advanceAsync(2000, 500);
    expect(got).toHaveLength(1);
    consumer.resume();
    await settles(() => got.length === 2);
  });

  describe('shutdown', () => {
    it('waits no longer than it is told to, begins with nothing more, and leaves no timer', async () => {
      append(5);
      const consumer = await started({ concurrency: 2 }, () => new Promise(() => undefined));
      await settles(() => got.length === 2);
      let drained: boolean | undefined;
      const begin = clock.now();
      const stopping = consumer.shutdown({ drainMs: 10_000 }).then((result) => (drained = result));
      await settles(
        () => drained !== undefined,
        () => clock.advance(100),
      );
      await stopping;
      expect(drained).toBe(false);
      expect(clock.now() - begin).toBeGreaterThanOrEqual(10_000);
      expect(got).toHaveLength(2);
      expect(broker.server.of(35)[0]?.get('consumerGroup')).toBe('g');
      expect(consumer.assignment()).toEqual([]);
      expect(clock.pending).toBe(0);
    });

    it('is true when all calls ended in time', async () => {
      append(1);
      let release: () => void = () => undefined;
      const consumer = await started({}, () => new Promise((resolve) => (release = () => resolve())));
      await settles(() => got.length === 1);
      const stopping = consumer.shutdown();
      release();
      expect(await stopping).toBe(true);
      const stored = broker.server.of(15).findLast((request) => request.get('topic') === 'T');
      expect(stored?.get('commitOffset')).toBe('1');
      expect(clock.pending).toBe(0);
      await expect(consumer.start()).rejects.toMatchObject({ code: 'WRONG_STATE' });
    });
  });

  describe('answers its broker', () => {
    const ask = (code: number, fields: Record<string, string>, body?: Buffer) =>
      broker.connection.request(RemotingCommand.request(code, new Map(Object.entries(fields)), body), 2000);

    it('shares the queues anew when it is told that the group has changed', async () => {
      await started();
      const before = shared();
      broker.members.add('10.9.9.9@other');
      announceChange();
      await settles(() => shared() > before);
      expect(broker.server.of(38).at(-1)?.get('consumerGroup')).toBe('g');
    });

    it('with its running information', async () => {
      append(2);
      const consumer = await started();
      await settles(() => got.length === 2);
      const response = await ask(RequestCode.GET_CONSUMER_RUNNING_INFO, {
        consumerGroup: 'g',
        clientId: 'c',
      });
      const info = ConsumerRunningInfo.decode(response.body);
      expect(info.properties.get('PROP_CONSUME_TYPE')).toBe('CONSUME_PASSIVELY');
      expect(info.properties.get('PROP_CONSUMEORDERLY')).toBe('false');
      expect(info.properties.get('PROP_NAMESERVER_ADDR')).toBe(`${broker.nameServer?.address};`);
      expect(info.subscriptionSet).toHaveLength(2);
      expect(info.mqTable).toHaveLength(2);
      expect(info.mqTable.find(({ queue }) => queue.topic === 'T')?.value).toMatchObject({
        commitOffset: 2,
        cachedMsgCount: 0,
        droped: false,
      });
      expect(info.statusTable.get('T')?.consumeOKTPS).toBeCloseTo(2 / 60);
      const unknown = await ask(RequestCode.GET_CONSUMER_RUNNING_INFO, {
        consumerGroup: 'other',
        clientId: 'c',
      });
      expect(unknown.code).toBe(ResponseCode.SYSTEM_ERROR);
      expect(consumer.clientId).toBeDefined();
    });

    it('by consuming a message it is handed', async () => {
      await started({}, ([message]) => {
        if (message?.body.toString() === 'bad') throw new Error('bad one');
        return message?.body.toString() === 'late' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
      });
      const consume = async (body: string) => {
        const record = recordOf('T', 5, {}, body);
        const fields = { consumerGroup: 'g', clientId: 'c', brokerName: 'b' };
        const response = await ask(RequestCode.CONSUME_MESSAGE_DIRECTLY, fields, record);
        return ConsumeMessageDirectlyResult.decode(response.body);
      };
      expect((await consume('good')).consumeResult).toBe('CR_SUCCESS');
      expect((await consume('late')).consumeResult).toBe('CR_LATER');
      expect(await consume('bad')).toMatchObject({
        consumeResult: 'CR_THROW_EXCEPTION',
        remark: 'Error: bad one',
      });
      expect(broker.server.of(36)).toHaveLength(0);
    });

    const shared = (): number => broker.server.of(38).length;

    const announceChange = (): void =>
      broker.connection.oneway(
        RemotingCommand.request(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new Map([['consumerGroup', 'g']])),
      );

    const reset = (value: number): void => {
      const fields = { topic: 'T', group: 'g', timestamp: '0', isForce: 'true' };
      const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
      broker.connection.oneway(
        RemotingCommand.request(
          RequestCode.RESET_CONSUMER_CLIENT_OFFSET,
          new Map(Object.entries(fields)),
          ResetOffsetBody.encode({ offsetTable: [{ queue, value }] }),
        ),
      );
    };

    it('with its offsets, and sets them', async () => {
      append(10);
      await started();
      await settles(() => got.length === 10);
      const status = await ask(RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT, { topic: 'T', group: 'g' });
      const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
      expect(GetConsumerStatusBody.decode(status.body).messageQueueTable).toEqual([{ queue, value: 10 }]);

      broker.server.on(15, (request) => {
        if (request.get('topic') === 'T') broker.stored = Number(request.get('commitOffset'));
        return ok(request);
      });
      reset(4);
      await settles(() => got.length === 16);
      expect(bodies().slice(10)).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    });

    it('by going on where a reset says, whatever a pull that was under way had the broker store', async () => {
      append(10);
      await started();
      await settles(() => got.length === 10);
      broker.server.on(15, (request) => ok(request));
      broker.stored = 10;
      reset(4);
      await settles(() => got.length === 16);
      expect(bodies().slice(10)).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    });

    it('by storing where to go on after a reset before the queue is begun with again', async () => {
      append(10);
      await started();
      await settles(() => got.length === 10);
      const answers: (() => void)[] = [];
      broker.server.on(15, (request) => new Promise((resolve) => answers.push(() => resolve(ok(request)))));
      const before = { pulls: broker.pulls.length, shared: shared() };
      reset(4);
      await settles(() => answers.length === 1);
      announceChange();
      // Of both topics, one after the other.
      await settles(() => shared() === before.shared + 2);
      expect(broker.pulls).toHaveLength(before.pulls);
      broker.server.on(15, (request) => ok(request));
      for (const answer of answers) answer();
      await settles(() => got.length === 16);
      expect(bodies().slice(10)).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    });

    it('by leaving where to go on after a reset to whoever has the queue then', async () => {
      append(10);
      await started();
      await settles(() => got.length === 10);
      broker.server.on(15, (request) => ok(request));
      // The first by its name has the only queue.
      broker.members.add('0');
      const before = shared();
      reset(4);
      await settles(() => shared() > before);
      broker.members.delete('0');
      broker.stored = 7;
      announceChange();
      await settles(() => got.length === 13);
      expect(bodies().slice(10)).toEqual(['m7', 'm8', 'm9']);
    });
  });

  it('says who and what is wrong with its options', async () => {
    const make = (options: Partial<PushConsumerOptions>) => () =>
      new DefaultMQPushConsumer({ group: 'g', nameServer: 'a:1', ...options });
    expect(make({ group: 'DEFAULT_CONSUMER' })).toThrow("can't be used");
    expect(make({ pullBatchSize: 2000 })).toThrow('pullBatchSize is 2000: it must be between 1 and 1024');
    expect(make({ consumeTimestamp: 'yesterday' })).toThrow('yyyyMMddHHmmss');
    expect(make({ messageModel: 'BOTH' as 'CLUSTERING' })).toThrow('CLUSTERING, BROADCASTING');
    await expect(make({})().start()).rejects.toThrow('onMessage()');
    expect(() => make({})().subscribe('../x')).toThrow('illegal characters');
    expect(() => make({})().suspend()).toThrow('call start() first');
  });
});
