import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  encodeProperties,
  encodeRecord,
  encodeHost,
  parsePopExtraInfo,
  PopMessage,
  QueryAssignmentRequestBody,
  QueryAssignmentResponseBody,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  type MessageQueueAssignment,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueBroker, settles } from '../../../spec-support/queue-broker.ts';
import { ok, refused } from '../../../spec-support/scripted-server.ts';
import type { MessageExt } from '../../message/message.ts';
import type { PushConsumerOptions } from '../consumer-options.ts';
import type { MessageListenerConcurrently } from '../consumer-types.ts';
import { DefaultMQPushConsumer } from '../default-mq-push-consumer.ts';
import { popRetryDelay } from './pop-delays.ts';

const HOST = encodeHost('127.0.0.1', 1);

describe('a push consumer whose queues the brokers share', () => {
  let broker: QueueBroker;
  let clock: ManualClock;
  let got: MessageExt[];
  /** What 400 answers; undefined: nothing is known. */
  let assigned: MessageQueueAssignment[] | undefined;
  let pops: RemotingCommand[];
  let waiting: { answer: (response: RemotingCommand) => void; request: RemotingCommand }[];
  const consumers: DefaultMQPushConsumer[] = [];

  beforeEach(async () => {
    broker = await QueueBroker.start();
    clock = new ManualClock(1_700_000_000_000);
    got = [];
    pops = [];
    waiting = [];
    assigned = [assignment('POP', -1)];
    const { server } = broker;
    server.on(RequestCode.QUERY_ASSIGNMENT, (request) => {
      const { topic } = QueryAssignmentRequestBody.decode(request.body);
      const messageQueueAssignments = topic === 'T' ? assigned : [];
      return ok(request, {}, QueryAssignmentResponseBody.encode({ messageQueueAssignments }));
    });
    server.on(RequestCode.POP_MESSAGE, (request, connection) => {
      pops.push(request);
      waiting.push({ request, answer: (response) => connection.respond(response) });
      return undefined;
    });
    server.on(RequestCode.ACK_MESSAGE, (request) => ok(request));
    server.on(RequestCode.CHANGE_MESSAGE_INVISIBLETIME, (request) => ok(request));
    server.on(RequestCode.CONSUMER_SEND_MSG_BACK, (request) => ok(request));
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown({ drainMs: 0 })));
    await broker.close();
  });

  function assignment(mode: string, queueId: number): MessageQueueAssignment {
    return { messageQueue: { topic: 'T', brokerName: 'b', queueId }, mode };
  }

  async function started(
    listener: MessageListenerConcurrently = () => undefined,
    options: Partial<PushConsumerOptions> = {},
    expression = '*',
  ): Promise<DefaultMQPushConsumer> {
    const consumer = new DefaultMQPushConsumer({
      group: 'g',
      nameServer: broker.nameServer?.address ?? '',
      clock,
      clientRebalance: false,
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

  interface Given {
    tags?: string;
    reconsumeTimes?: number;
    receipt?: string;
  }

  /** Answers the pop that waits with these messages, of queue 2, from offset 5 on. */
  function hand(...given: Given[]): void {
    const records = given.map(({ tags = 'a', reconsumeTimes = 0, receipt }, i) =>
      encodeRecord({
        topic: 'T',
        body: Buffer.from(`m${i}`),
        bornHost: HOST,
        storeHost: HOST,
        queueId: 2,
        queueOffset: 5 + i,
        physicalOffset: 1000 + i,
        reconsumeTimes,
        properties: encodeProperties(
          new Map([['TAGS', tags], ...(receipt ? [['POP_CK', receipt] as [string, string]] : [])]),
        ),
      }),
    );
    const fields = PopMessage.response.encode({
      popTime: clock.now(),
      invisibleTime: 60_000,
      reviveQid: 3,
      restNum: 0,
      startOffsetInfo: '0 2 5',
      msgOffsetInfo: `0 2 ${given.map((_, i) => 5 + i).join()}`,
    });
    const pop = waiting.shift();
    pop?.answer(RemotingCommand.response(pop.request, 0, 'FOUND', fields, Buffer.concat(records)));
  }

  function refuse(code: number): void {
    const pop = waiting.shift();
    pop?.answer(refused(pop.request, code, 'no'));
  }

  const acks = (): string[] =>
    broker.server.of(RequestCode.ACK_MESSAGE).map((request) => request.extFields.get('offset') ?? '');
  const changes = (): string[] =>
    broker.server
      .of(RequestCode.CHANGE_MESSAGE_INVISIBLETIME)
      .map((request) => request.extFields.get('invisibleTime') ?? '');

  it('pops what it is told to, with what it subscribes to', async () => {
    await started(undefined, { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }, 'a || b');
    await settles(() => pops.length === 1);
    const [request] = pops as [RemotingCommand];
    expect(PopMessage.request.decode(request)).toEqual({
      consumerGroup: 'g',
      topic: 'T',
      queueId: -1,
      maxMsgNums: 32,
      invisibleTime: 60_000,
      pollTime: 15_000,
      bornTime: clock.now(),
      initMode: 0,
      expType: 'TAG',
      exp: 'a || b',
      order: false,
      bname: 'b',
    });
    expect(broker.server.of(11)).toEqual([]);
  });

  it('acknowledges what was consumed, by the receipt that the answer makes', async () => {
    await started();
    await settles(() => waiting.length === 1);
    hand({}, {});
    await settles(() => acks().length === 2);
    expect(acks().toSorted()).toEqual(['5', '6']);
    const [ack] = broker.server.of(RequestCode.ACK_MESSAGE) as [RemotingCommand];
    expect(ack.extFields.get('topic')).toBe('T');
    expect(parsePopExtraInfo(ack.extFields.get('extraInfo') ?? '')).toMatchObject({
      startOffset: 5,
      popTime: clock.now(),
      invisibleTime: 60_000,
      reviveQueueId: 3,
      retry: '0',
      brokerName: 'b',
      queueId: 2,
    });
    await settles(() => waiting.length === 1);
  });

  it('acknowledges a revived message where it is: in the retry topic', async () => {
    await started();
    await settles(() => waiting.length === 1);
    hand({ reconsumeTimes: 1, receipt: `0 ${clock.now()} 60000 4 1 b 0 9` });
    await settles(() => acks().length === 1);
    const [ack] = broker.server.of(RequestCode.ACK_MESSAGE) as [RemotingCommand];
    expect(['topic', 'queueId', 'offset'].map((key) => ack.extFields.get(key))).toEqual([
      '%RETRY%g_T',
      '0',
      '9',
    ]);
    expect(got[0]?.topic).toBe('T');
  });

  it('has what failed come again, later with every try, or when it says', async () => {
    await started((messages, context) => {
      if (messages[0]?.tags === 'soon') context.delayLevelWhenNextConsume = 1;
      throw new Error('no');
    });
    await settles(() => waiting.length === 1);
    hand({}, { reconsumeTimes: 2 }, { tags: 'soon', reconsumeTimes: 2 });
    await settles(() => changes().length === 3);
    expect(changes().toSorted()).toEqual(['1000', '10000', '60000']);
    expect(acks()).toEqual([]);
  });

  it('puts what it rejects, or failed with too often, to the dead letters', async () => {
    await started(
      (_, context) => {
        context.delayLevelWhenNextConsume = got.length === 1 ? -1 : 0;
        return 'RECONSUME_LATER';
      },
      { maxReconsumeTimes: 3, concurrency: 1 },
    );
    await settles(() => waiting.length === 1);
    hand({}, { reconsumeTimes: 3 });
    await settles(() => acks().length === 2);
    const back = broker.server.of(RequestCode.CONSUMER_SEND_MSG_BACK);
    expect(back.map((request) => request.extFields.get('delayLevel'))).toEqual(['-1', '-1']);
  });

  it('acknowledges messages of other tags with the same hash', async () => {
    await started(undefined, {}, 'Aa');
    await settles(() => waiting.length === 1);
    hand({ tags: 'Aa' }, { tags: 'BB' });
    await settles(() => acks().length === 2);
    expect(got.map(({ tags }) => tags)).toEqual(['Aa']);
  });

  it('leaves alone what took longer than it is invisible: somebody else has it by now', async () => {
    let finish: () => void = () => undefined;
    await started(() => new Promise<void>((resolve) => (finish = resolve)), { concurrency: 1 });
    await settles(() => waiting.length === 1);
    hand({}, {});
    await settles(() => got.length === 1);
    await clock.advanceAsync(60_000, 20_000);
    const before = pops.length;
    finish();
    // Time-outs of later pops included, it goes on.
    await settles(() => pops.length >= Math.max(before, 2));
    expect([acks(), changes(), got.length]).toEqual([[], [], 1]);
  });

  it('pops no more while too much waits here', async () => {
    await started(() => new Promise<void>(() => undefined), { popThresholdForQueue: 1 });
    await settles(() => waiting.length === 1);
    hand({}, {});
    await settles(() => got.length === 2);
    await clock.advanceAsync(1000, 50);
    expect(pops).toHaveLength(1);
  });

  it('pops again at once after nothing, and after a while when the broker does not wait, is full or fails', async () => {
    await started();
    for (const code of [ResponseCode.POLLING_TIMEOUT, ResponseCode.PULL_NOT_FOUND]) {
      await settles(() => waiting.length === 1);
      await clock.advanceAsync(200, 50);
      refuse(code);
    }
    /** What passes between a refusal and the next pop; slowly, so that no answer on its way is taken for a late one. */
    const waited = async (code: number): Promise<number> => {
      await settles(() => waiting.length === 1);
      refuse(code);
      let ms = 0;
      for (; waiting.length === 0; ms += 20) {
        clock.advance(20);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return ms;
    };
    expect(await waited(ResponseCode.POLLING_TIMEOUT)).toBeGreaterThanOrEqual(100);
    expect(await waited(ResponseCode.POLLING_FULL)).toBeGreaterThanOrEqual(1000);
    expect(await waited(ResponseCode.SYSTEM_ERROR)).toBeGreaterThanOrEqual(1000);
    await settles(() => waiting.length === 1);
    expect(pops).toHaveLength(6);
  });

  it('pulls where it is told to, and keeps what it has while nothing is known', async () => {
    assigned = [assignment('PULL', 0)];
    const consumer = await started();
    await settles(() => broker.server.of(11).length > 0);
    expect(pops).toEqual([]);
    assigned = undefined;
    await clock.advanceAsync(25_000, 1000);
    expect(consumer.assignment()).toEqual([{ topic: 'T', brokerName: 'b', queueId: 0 }]);
    assigned = [];
    await clock.advanceAsync(25_000, 1000);
    await settles(() => consumer.assignment().length === 0);
  });

  it('shares the queues among the members where the broker does not', async () => {
    broker.server.on(RequestCode.QUERY_ASSIGNMENT, (request) =>
      refused(request, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, 'what?'),
    );
    const consumer = await started();
    await settles(() => broker.server.of(11).length > 0);
    expect(consumer.assignment().some(({ topic }) => topic === 'T')).toBe(true);
  });
});

it('waits longer with every try, as long as a level says where one is given', () => {
  expect([0, 1, 2, 15, 99].map((tries) => popRetryDelay(0, tries))).toEqual([
    10_000, 30_000, 60_000, 7_200_000, 7_200_000,
  ]);
  expect([1, 2, 3, 18, 99].map((level) => popRetryDelay(level, 7))).toEqual([
    1000, 5000, 10_000, 7_200_000, 7_200_000,
  ]);
});
