import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { decodeTrace, type TraceRecord } from './trace-data.ts';
import {
  defaultTraceSettings,
  TraceDispatcher,
  type TraceMessage,
  type TraceSettings,
} from './trace-dispatcher.ts';

const record = (msgId: string, keys?: string): TraceRecord => ({
  type: 'SubBefore',
  timeStamp: 1,
  regionId: 'r',
  groupName: 'g',
  requestId: 'R',
  msgId,
  retryTimes: 0,
  keys,
});

describe('TraceDispatcher', () => {
  let clock: ManualClock;
  let sent: TraceMessage[];
  let finish: (() => void)[];
  let warnings: string[];
  let failing: boolean;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    finish = [];
    warnings = [];
    failing = false;
  });

  const dispatcher = (settings: Partial<TraceSettings> = {}, hold = false): TraceDispatcher =>
    new TraceDispatcher(
      { ...defaultTraceSettings, ...settings },
      {
        clock,
        logger: { ...silentLogger, warn: (text: string) => void warnings.push(text) },
        send: async (message) => {
          sent.push(message);
          if (failing) throw new Error('no broker');
          if (hold) await new Promise<void>((resolve) => finish.push(resolve));
        },
      },
    );
  const ids = (message: TraceMessage | undefined): string[] =>
    decodeTrace(message?.body.toString() ?? '').map(({ msgId }) => msgId);

  it('sends ten entries at once, fewer after five seconds', () => {
    const traces = dispatcher();
    for (let i = 0; i < 10; i++) traces.append('T', [record(`m${i}`, 'k')]);
    expect(sent).toEqual([]);
    clock.advance(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.topic).toBe('RMQ_SYS_TRACE_TOPIC');
    expect(ids(sent[0])).toHaveLength(10);
    expect(sent[0]?.keys).toEqual(['m0', 'k', ...Array.from({ length: 9 }, (_, i) => `m${i + 1}`)]);

    traces.append('T', [record('late')]);
    clock.advance(4999);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(ids(sent[1])).toEqual(['late']);
  });

  it('keeps the traces of different topics in different messages', async () => {
    const traces = dispatcher();
    for (const topic of ['A', 'B', 'A']) traces.append(topic, [record(topic)]);
    await traces.flush();
    expect(sent.map(ids)).toEqual([['A', 'A'], ['B']]);
  });

  it('keeps each message below the limit', async () => {
    const size = Buffer.byteLength('SubBefore\u00011\u0001r\u0001g\u0001R\u0001m\u00010\u0001null\u0002');
    const traces = dispatcher({ maxMessageSize: 2 * size });
    traces.append(
      'T',
      ['a', 'b', 'c', 'd', 'e'].map((id) => record(id)),
    );
    await traces.flush();
    expect(sent.map(ids)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(sent.map(({ keys }) => keys)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('drops and counts what does not fit, and says so', () => {
    const traces = dispatcher({ queueSize: 3, batchNum: 2, maxInFlight: 1 }, true);
    const taken = ['a', 'b', 'c', 'd', 'e'].map((id) => traces.append('T', [record(id)]));
    expect(taken).toEqual([true, true, true, false, false]);
    expect(traces.dropped).toBe(2);
    clock.advance(0);
    expect(warnings[0]).toContain('2 traces were dropped');
    expect(sent).toHaveLength(1);
    expect(traces.waiting).toBe(1);
  });

  it('has only so many messages under way, and goes on when one has arrived', async () => {
    const traces = dispatcher({ batchNum: 1, maxInFlight: 1 }, true);
    for (const id of ['a', 'b']) traces.append('T', [record(id)]);
    clock.advance(0);
    expect(sent.map(ids)).toEqual([['a']]);
    finish.shift()?.();
    await new Promise(setImmediate);
    expect(sent.map(ids)).toEqual([['a'], ['b']]);
  });

  it('loses what can not be sent, and nothing else', async () => {
    failing = true;
    const traces = dispatcher();
    traces.append('T', [record('a')]);
    await traces.flush();
    expect(warnings).toEqual(['A trace message was not sent']);
    failing = false;
    traces.append('T', [record('b')]);
    await traces.flush();
    expect(sent.map(ids)).toEqual([['a'], ['b']]);
  });

  it('sends what waits at its end, takes nothing more, and leaves no timer', async () => {
    const traces = dispatcher();
    traces.append('T', [record('a')]);
    await traces.shutdown();
    expect(sent.map(ids)).toEqual([['a']]);
    expect(traces.append('T', [record('b')])).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
