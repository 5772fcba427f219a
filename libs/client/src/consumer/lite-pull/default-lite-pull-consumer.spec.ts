import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HeartbeatData, MQVersion, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueBroker, settles } from '../../../spec-support/queue-broker.ts';
import { ok, refused } from '../../../spec-support/scripted-server.ts';
import { DefaultLitePullConsumer } from './default-lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from './lite-pull-options.ts';

const QUEUE = { topic: 'T', brokerName: 'b', queueId: 0 };

describe('a pull consumer', () => {
  let broker: QueueBroker;
  let clock: ManualClock;
  const consumers: DefaultLitePullConsumer[] = [];

  beforeEach(async () => {
    broker = await QueueBroker.start();
    clock = new ManualClock();
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown()));
    await broker.close();
  });

  function created(options: Partial<LitePullConsumerOptions> = {}): DefaultLitePullConsumer {
    const nameServer = broker.nameServer?.address ?? '';
    const consumer = new DefaultLitePullConsumer({ group: 'g', nameServer, clock, ...options });
    consumers.push(consumer);
    return consumer;
  }

  async function subscribed(
    options: Partial<LitePullConsumerOptions> = {},
  ): Promise<DefaultLitePullConsumer> {
    const consumer = created(options);
    consumer.subscribe('T', 'a || b');
    await consumer.start();
    return consumer;
  }

  /** Brokers of 4.9: they know nothing of code 361. */
  function old(): void {
    broker.server.on(34, (request, connection) => {
      const { clientID } = HeartbeatData.decode(request.body);
      broker.members.add(clientID);
      connection.onClose(() => broker.members.delete(clientID));
      const answer = ok(request);
      answer.version = MQVersion.V4_9_7;
      return answer;
    });
    broker.server.on(361, (request) => refused(request, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, 'unknown'));
  }

  const append = (count: number) => broker.append(...Array.from({ length: count }, () => ({ TAGS: 'a' })));
  const stored = () => broker.server.of(15).map((request) => Number(request.get('commitOffset')));

  it('tells brokers that it pulls, and what it subscribes to', async () => {
    await subscribed();
    const { consumerDataSet } = HeartbeatData.decode(broker.server.of(34)[0]?.body as Buffer);
    expect(consumerDataSet).toEqual([
      expect.objectContaining({
        groupName: 'g',
        consumeType: 'CONSUME_ACTIVELY',
        subscriptionDataSet: [expect.objectContaining({ topic: 'T', subString: 'a || b' })],
      }),
    ]);
  });

  it('tells brokers of no subscription when its queues are assigned, and asks for no members', async () => {
    const consumer = created();
    await consumer.assign([QUEUE]);
    await consumer.start();
    const { consumerDataSet } = HeartbeatData.decode(broker.server.of(34)[0]?.body as Buffer);
    expect(consumerDataSet[0]?.subscriptionDataSet).toEqual([]);
    expect(broker.server.of(38)).toEqual([]);
    expect(consumer.assignment()).toEqual([QUEUE]);
  });

  it('pulls by the code of its own from a 5.x broker, as Java does', async () => {
    broker.server.on(361, () => undefined);
    await subscribed();
    await settles(() => broker.server.of(361).length === 1);
    const [pull] = broker.server.of(RequestCode.LITE_PULL_MESSAGE);
    expect(Object.fromEntries(pull?.extFields ?? [])).toMatchObject({
      consumerGroup: 'g',
      queueOffset: '0',
      maxMsgNums: '10',
      // May be held, carries its subscription, lite pull.
      sysFlag: String(2 | 4 | 16),
      commitOffset: '0',
      suspendTimeoutMillis: '20000',
      subscription: 'a || b',
      subVersion: '0',
      expressionType: 'TAG',
    });
    expect(broker.server.of(11)).toEqual([]);
  });

  it('pulls by the ordinary code from a 4.9 broker, with the same flags', async () => {
    old();
    append(2);
    const consumer = await subscribed();
    const messages = await consumer.poll();
    expect(messages.map((message) => message.body.toString())).toEqual(['m0', 'm1']);
    expect(broker.pulls[0]?.get('sysFlag')).toBe('22');
    expect(broker.server.of(361)).toEqual([]);
  });

  it('commits by polling no earlier than its interval, and stores every five seconds', async () => {
    old();
    append(30);
    const consumer = await subscribed({ pullBatchSize: 10 });
    await consumer.poll();
    // All of it is here, and the pull after that waits at the broker: no answer is on its way while time passes.
    await settles(() => broker.pulls.length === 4);
    await clock.advanceAsync(4999, 1000);
    await consumer.poll();
    await clock.advanceAsync(5000, 1000);
    // The first poll had nothing to commit, the second came too early.
    expect(stored().filter((offset) => offset > 0)).toEqual([]);
    await consumer.poll();
    await clock.advanceAsync(5000, 1000);
    await settles(() => stored().includes(20));
    expect(Math.max(...stored())).toBe(20);
  });

  it('ends polls that wait when it shuts down, and leaves no timer', async () => {
    old();
    const consumer = await subscribed();
    const waiting = consumer.poll(60_000);
    await consumer.shutdown();
    expect(await waiting).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(consumer.running).toBe(false);
  });

  it('takes nothing when a poll is aborted: the next one gets it', async () => {
    old();
    const consumer = await subscribed();
    const abort = new AbortController();
    const poll = consumer.poll(60_000, abort.signal);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(poll).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    await expect(consumer.poll(60_000, abort.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    append(1);
    expect(await consumer.poll(60_000)).toHaveLength(1);
  });

  it('goes on where the broker says when its offset is not one of the queue', async () => {
    old();
    append(60);
    broker.stored = 7;
    broker.onPull = (request) => {
      if (request.get('queueOffset') !== '7') return undefined;
      broker.stored = 50;
      const moved = ok(request, broker.pullFields(50));
      moved.code = ResponseCode.PULL_OFFSET_MOVED;
      return moved;
    };
    const consumer = await subscribed();
    expect((await consumer.poll(60_000))[0]?.body.toString()).toBe('m50');
  });

  it('says who and what is wrong with its options', async () => {
    expect(() => created({ autoCommitIntervalMillis: 10 })).toThrow('between 1000');
    expect(() => created({ group: 'DEFAULT_CONSUMER' })).toThrow("can't be used");
    await expect(created().poll()).rejects.toThrow('call start() first');
    const consumer = created();
    consumer.subscribe('T');
    await expect(consumer.assign([QUEUE])).rejects.toThrow('not both');
  });
});
