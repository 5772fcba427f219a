import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeHost, encodeProperties, encodeRecord, decodeRecord } from '@nest-rocketmq/protocol';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  type PushListener,
} from '../consumer/consumer-types.ts';
import type { Message, MessageExt, SendResult } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import type { ConsumeMessageHook, SendMessageHook } from './hooks.ts';
import { listenWithHooks, sendWithHooks, tellOfPoll } from './run-hooks.ts';
import { consumeTraceHook, endTransactionTraceHook, sendTraceHook } from './trace-hooks.ts';
import type { TraceRecord } from './trace-data.ts';

const queue = { topic: 'T', brokerName: 'a', queueId: 0 };
const RESULT: SendResult = {
  sendStatus: 'SEND_OK',
  msgId: 'M',
  offsetMsgId: 'O',
  messageQueue: queue,
  queueOffset: 0,
  transactionId: undefined,
  regionId: 'R',
  traceOn: true,
  recallHandle: undefined,
};

let clock: ManualClock;
let appended: { topic: string; records: readonly TraceRecord[] }[];
let warnings: unknown[];
const append = (topic: string, records: readonly TraceRecord[]): void =>
  void appended.push({ topic, records });
const logger = { ...silentLogger, warn: (...args: unknown[]) => void warnings.push(args[1]) };

beforeEach(() => {
  clock = new ManualClock(1000);
  appended = [];
  warnings = [];
});

describe('hooks of sends', () => {
  const body = Buffer.from('abc');

  function send(
    hooks: readonly SendMessageHook[],
    messages: readonly Message[],
    result: () => Promise<SendResult>,
  ): Promise<SendResult> {
    const parts = { hooks, clock, logger, addressOf: (name: string) => `${name}:10911` };
    return sendWithHooks(parts, { producerGroup: 'g', messages, bodyLength: 3 }, () => {
      clock.advance(7);
      return result();
    });
  }
  const traced = (messages: readonly Message[], result: Partial<SendResult> = {}) =>
    send([sendTraceHook('g', 'TRACE', append)], messages, async () => ({ ...RESULT, ...result }));

  it('trace what was sent', async () => {
    await traced([{ topic: 'T', tags: 't', keys: ['a', 'b'], body }]);
    expect(appended).toEqual([
      {
        topic: 'T',
        records: [
          {
            type: 'Pub',
            timeStamp: 1000,
            regionId: 'R',
            groupName: 'g',
            topic: 'T',
            msgId: 'M',
            tags: 't',
            keys: 'a b',
            storeHost: 'a:10911',
            bodyLength: 3,
            costTime: 7,
            msgType: 'Normal_Msg',
            offsetMsgId: 'O',
            success: true,
          },
        ],
      },
    ]);
  });

  it.each([
    ['a delayed one', { delayLevel: 3 }, 'Delay_Msg'],
    ['one with a time', { deliverTimeMs: 5 }, 'Delay_Msg'],
    ['half of a transaction', { systemProperties: { TRAN_MSG: 'true' } }, 'Trans_Msg_Half'],
  ])('say of %s what it is', async (_name, change, msgType) => {
    await traced([{ topic: 'T', body, ...change }]);
    expect(appended[0]?.records[0]).toMatchObject({ msgType });
  });

  it('trace a batch as one, with all its ids', async () => {
    await traced(
      [
        { topic: 'T', tags: 'x', body },
        { topic: 'T', tags: 'y', body },
      ],
      { msgId: 'A,B' },
    );
    expect(appended[0]?.records).toEqual([expect.objectContaining({ msgId: 'A,B', tags: undefined })]);
  });

  it('tell a status other than SEND_OK from success', async () => {
    await traced([{ topic: 'T', body }], { sendStatus: 'FLUSH_DISK_TIMEOUT' });
    expect(appended[0]?.records[0]).toMatchObject({ success: false });
  });

  it('trace nothing when the broker says so, of traces, or of what failed', async () => {
    await traced([{ topic: 'T', body }], { traceOn: false });
    await traced([{ topic: 'TRACE', body }]);
    const failing = send([sendTraceHook('g', 'TRACE', append)], [{ topic: 'T', body }], async () => {
      throw new Error('lost');
    });
    await expect(failing).rejects.toThrow('lost');
    expect(appended).toEqual([]);
  });

  it('that fail change nothing', async () => {
    const broken: SendMessageHook = {
      sendMessageBefore() {
        throw new Error('before');
      },
      sendMessageAfter() {
        throw new Error('after');
      },
    };
    expect((await send([broken], [{ topic: 'T', body }], async () => RESULT)).msgId).toBe('M');
    expect(warnings.map(String)).toEqual(['Error: before', 'Error: after']);
  });
});

describe('hooks of listeners', () => {
  const hooked = (listener: PushListener, hooks: readonly ConsumeMessageHook[]): PushListener =>
    listenWithHooks(listener, { group: 'g', hooks, clock, logger, consumeTimeout: 100 });

  async function concurrent(
    listen: (context: ConsumeConcurrentlyContext) => ConsumeConcurrentlyStatus | void,
    messages: MessageExt[] = [received('A'), received('B')],
  ): Promise<readonly TraceRecord[]> {
    const listener = hooked(
      {
        orderly: false,
        listen: async (_messages, context) => {
          clock.advance(9);
          return listen(context);
        },
      },
      [consumeTraceHook('g', append)],
    );
    if (listener.orderly) throw new Error('not ordered');
    const context = new ConsumeConcurrentlyContext(queue);
    await Promise.resolve(listener.listen(messages, context)).catch(() => undefined);
    return appended.at(-1)?.records ?? [];
  }

  it('trace each message before and after', async () => {
    await concurrent(() => undefined);
    const [before, after] = appended.map(({ records }) => records);
    expect(before).toEqual([
      {
        type: 'SubBefore',
        timeStamp: 1000,
        regionId: 'R',
        groupName: 'g',
        requestId: expect.stringMatching(/^[0-9A-F]{32}$/),
        msgId: 'A',
        retryTimes: 2,
        keys: 'k',
      },
      expect.objectContaining({ msgId: 'B' }),
    ]);
    expect(after?.[0]).toEqual({
      type: 'SubAfter',
      requestId: before?.[0] && 'requestId' in before[0] ? before[0].requestId : 'none',
      msgId: 'A',
      costTime: 4,
      success: true,
      keys: 'k',
      contextCode: 0,
      timeStamp: 1009,
      groupName: 'g',
    });
  });

  it('trace what a poll gives as consumed at once', () => {
    tellOfPoll({ group: 'g', hooks: [consumeTraceHook('g', append)], clock, logger }, [received('A')]);
    const [before, after] = appended.map(({ records }) => records[0]);
    expect(before).toMatchObject({ type: 'SubBefore', timeStamp: 1000, groupName: 'g', msgId: 'A' });
    expect(after).toMatchObject({
      type: 'SubAfter',
      requestId: before && 'requestId' in before ? before.requestId : 'none',
      msgId: 'A',
      costTime: 0,
      success: true,
      contextCode: 0,
    });
    tellOfPoll({ group: 'g', hooks: [consumeTraceHook('g', append)], clock, logger }, []);
    expect(appended).toHaveLength(2);
  });

  it.each<[string, (context: ConsumeConcurrentlyContext) => ConsumeConcurrentlyStatus | void, number]>([
    ['RECONSUME_LATER', () => ConsumeConcurrentlyStatus.RECONSUME_LATER, 4],
    ['one message that is to come again', (context) => context.retry(1), 4],
    ['a message that is rejected', (context) => context.reject(0), 4],
    ['an acknowledgement of the first message only', (context) => void (context.ackIndex = 0), 4],
    [
      'an error',
      () => {
        throw new Error('no');
      },
      2,
    ],
    [
      'a failure after the time-out',
      () => {
        clock.advance(100);
        return ConsumeConcurrentlyStatus.RECONSUME_LATER;
      },
      1,
    ],
  ])('tell %s from success', async (_name, listen, contextCode) => {
    expect((await concurrent(listen))[0]).toMatchObject({ success: false, contextCode });
  });

  it('leave out messages whose broker says not to trace them', async () => {
    await concurrent(() => undefined, [received('A', { TRACE_ON: 'false' })]);
    expect(appended).toEqual([]);
  });

  it.each<[string, (context: ConsumeOrderlyContext) => ConsumeOrderlyStatus | void, boolean]>([
    ['nothing', () => undefined, true],
    ['COMMIT', () => ConsumeOrderlyStatus.COMMIT, true],
    ['SUSPEND', () => ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT, false],
    ['a rejected message', (context) => context.reject(0), false],
  ])('take %s of an ordered listener for what it is', async (_name, listen, success) => {
    const listener = hooked({ orderly: true, listen: (_messages, context) => listen(context) }, [
      consumeTraceHook('g', append),
    ]);
    if (listener.orderly) await listener.listen([received('A')], new ConsumeOrderlyContext(queue));
    expect(appended.at(-1)?.records[0]).toMatchObject({ success });
  });

  it('give the status and the error of the listener as they are', async () => {
    const status = ConsumeConcurrentlyStatus.RECONSUME_LATER;
    const fine = hooked({ orderly: false, listen: () => status }, [{}]);
    const bad = hooked({ orderly: false, listen: () => Promise.reject(new Error('no')) }, [{}]);
    const context = new ConsumeConcurrentlyContext(queue);
    if (fine.orderly || bad.orderly) throw new Error('not ordered');
    expect(await fine.listen([], context)).toBe(status);
    await expect(bad.listen([], context)).rejects.toThrow('no');
  });
});

describe('hooks of transactions', () => {
  it('trace how they end', () => {
    endTransactionTraceHook('g', append).endTransaction({
      producerGroup: 'g',
      topic: 'T',
      tags: undefined,
      keys: 'k',
      msgId: 'M',
      transactionId: 'X',
      transactionState: 'ROLLBACK_MESSAGE',
      fromTransactionCheck: true,
      brokerAddress: 'h:1',
      endedAt: 5,
    });
    expect(appended[0]?.records[0]).toMatchObject({
      type: 'EndTransaction',
      timeStamp: 5,
      regionId: 'DefaultRegion',
      msgType: 'Trans_msg_Commit',
      transactionState: 'ROLLBACK_MESSAGE',
      fromTransactionCheck: true,
      storeHost: 'h:1',
    });
  });
});

function received(msgId: string, more: Record<string, string> = {}): MessageExt {
  const host = encodeHost('127.0.0.1', 10911);
  const properties = new Map(Object.entries({ UNIQ_KEY: msgId, KEYS: 'k', MSG_REGION: 'R', ...more }));
  const record = encodeRecord({
    topic: 'T',
    body: Buffer.from('x'),
    properties: encodeProperties(properties),
    bornHost: host,
    storeHost: host,
    reconsumeTimes: 2,
  });
  const decoded = decodeRecord(record, 0);
  if (!decoded) throw new Error('no record');
  return new ReceivedMessage(decoded, { brokerName: 'a' });
}
