import { jest } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecords, RequestCode, type MessageRecord } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { MemoryFileSystem } from '@nest-rocketmq/store';
import { TimerMetrics } from './timer-metrics.ts';
import { TestBroker } from '../../test/test-broker.ts';

/** Half past a second: delays of whole seconds end in the middle of a slot. */
const START = Date.UTC(2026, 0, 1) + 500;

describe('a message with a time of its own', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(START);
    broker = await TestBroker.start({ recallMessageEnable: true }, { storeClock: clock });
  });

  afterEach(() => broker.remove());

  async function delivered(topic = 'T', queueId = 0): Promise<MessageRecord[]> {
    // Whatever this turn has stored is readable when another request has been answered.
    await broker.ask(RequestCode.GET_BROKER_CONFIG);
    const answer = await broker.pull('CG', topic, queueId, 0);
    return answer.code === 0 ? decodeRecords(answer.body) : [];
  }

  async function bodies(topic = 'T', queueId = 0): Promise<string[]> {
    return (await delivered(topic, queueId)).map((record) => record.body.toString());
  }

  async function advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await clock.advanceAsync(Math.min(left, 1000), 250);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function restart(config = {}): Promise<void> {
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start(
      { recallMessageEnable: true, ...config },
      { storeClock: clock },
      directory,
    );
  }

  const timer = (body: string, properties: Record<string, string>, queueId = 0) =>
    broker.send('T', body, { queueId, properties: { UNIQ_KEY: `key-${body}`, ...properties } });

  it.each([
    ['TIMER_DELAY_SEC', '3'],
    ['TIMER_DELAY_MS', '3000'],
    ['TIMER_DELIVER_MS', String(START + 3000)],
  ])('comes at its time by %s, not a millisecond before', async (name, value) => {
    expect((await timer('a', { [name]: value, TAGS: 'x' }, 2)).code).toBe(0);
    expect(await bodies('T', 2)).toEqual([]);
    await advance(2999);
    expect(await bodies('T', 2)).toEqual([]);
    await advance(1);
    const [record] = await delivered('T', 2);
    expect(record?.storeTimestamp).toBe(START + 3000);
    expect(Object.fromEntries(record?.properties ?? [])).toMatchObject({
      TAGS: 'x',
      [name]: value,
      TIMER_OUT_MS: String(START + 2500),
      TIMER_ENQUEUE_MS: String(START - 500),
      TIMER_DEQUEUE_MS: String(START + 3000),
      REAL_TOPIC: 'T',
      REAL_QID: '2',
    });
  });

  it('comes in the order of the times, whatever order they were sent in', async () => {
    await timer('late', { TIMER_DELAY_MS: '1490' });
    await timer('early', { TIMER_DELAY_MS: '700' });
    await timer('middle', { TIMER_DELAY_MS: '1489' });
    await advance(2000);
    expect(await bodies()).toEqual(['early', 'middle', 'late']);
  });

  it('comes when the broker was down at its time', async () => {
    await timer('a', { TIMER_DELAY_SEC: '5' });
    await advance(1000);
    await broker.stop();
    clock.advance(3_600_000);
    broker = await TestBroker.start({}, { storeClock: clock }, broker.directory);
    await advance(100);
    expect(await bodies()).toEqual(['a']);
  });

  it('comes once, however often the broker is restarted, in the middle of a slot too', async () => {
    await timer('a', { TIMER_DELAY_MS: '600' });
    await timer('b', { TIMER_DELAY_MS: '900' });
    await timer('c', { TIMER_DELAY_MS: '1200' });
    await advance(700);
    expect(await bodies()).toEqual(['a']);
    await restart();
    await advance(300);
    expect(await bodies()).toEqual(['a', 'b']);
    await restart();
    await restart();
    await advance(1000);
    expect(await bodies()).toEqual(['a', 'b', 'c']);
    await restart();
    await advance(3000);
    expect(await bodies()).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['an hour', 3_600_000],
    ['two days', 172_800_000],
  ])('comes once, and not before its time, when the clock is %s ahead', async (_, jump) => {
    await broker.stop();
    // A clock that is set, not one that goes on.
    let ahead = 0;
    const schedule = clock.schedule.bind(clock);
    const storeClock = { now: () => clock.now() + ahead, schedule };
    broker = await TestBroker.start({}, { storeClock }, broker.directory);
    await timer('soon', { TIMER_DELAY_SEC: '10' });
    await timer('later', { TIMER_DELIVER_MS: String(START + jump + 5_250) });
    await advance(1000);
    ahead = jump;
    await advance(1000);
    expect(await bodies()).toEqual(['soon']);
    await advance(3249);
    expect(await bodies()).toEqual(['soon']);
    await advance(1);
    expect(await bodies()).toEqual(['soon', 'later']);
  });

  it.each([
    ['an hour', 3_600_000],
    ['two days', 172_800_000],
  ])('comes once, and not before its time, when the clock was %s ahead for a while', async (_, jump) => {
    await timer('before', { TIMER_DELAY_SEC: '1' });
    await advance(2000);
    await broker.stop();
    // The next process has the right time again.
    const late = clock;
    clock = new ManualClock(late.now() - jump);
    broker = await TestBroker.start({}, { storeClock: clock }, broker.directory);
    await timer('after', { TIMER_DELIVER_MS: String(clock.now() + 3000) });
    await advance(2999);
    expect(await bodies()).toEqual(['before']);
    await advance(1);
    expect(await bodies()).toEqual(['before', 'after']);
  });

  it('is put into the timer topic again on its way when it is far away, and still comes at its time', async () => {
    await restart({ timerRollWindowSlot: 10 });
    const deliverAt = clock.now() + 35_250;
    await timer('far', { TIMER_DELIVER_MS: String(deliverAt) });
    await advance(35_200);
    expect(await bodies()).toEqual([]);
    await advance(50);
    const [record] = await delivered();
    expect(record?.storeTimestamp).toBe(deliverAt);
    expect(Number(record?.property('TIMER_ROLL_TIMES'))).toBeGreaterThan(1);
    const { extFields } = await broker.ask(RequestCode.GET_MAX_OFFSET, {
      topic: 'rmq_sys_wheel_timer',
      queueId: '0',
    });
    expect(extFields.get('offset')).toBe(String(1 + Number(record?.property('TIMER_ROLL_TIMES'))));
  });

  it('case 17: TIMER_DELIVER_MS in the past: delivered immediately, no error', async () => {
    expect((await timer('past', { TIMER_DELIVER_MS: String(START) })).code).toBe(0);
    expect(await bodies()).toEqual(['past']);
  });

  it('case 18: TIMER_DELAY_SEC = 259201: MESSAGE_ILLEGAL 13', async () => {
    const answer = await timer('x', { TIMER_DELAY_SEC: '259201' });
    expect(answer.code).toBe(13);
    expect(answer.remark).toContain('max delay 259200000ms');
    expect((await timer('x', { TIMER_DELAY_SEC: '259200' })).code).toBe(0);
  });

  it('case 19: delay level + timer property: level used, timer property erased', async () => {
    await timer('x', { DELAY: '1', TIMER_DELAY_SEC: '100' });
    await advance(2500);
    const [record] = await delivered();
    expect(record?.property('TIMER_DELAY_SEC')).toBeUndefined();
    expect(record?.property('DELAY')).toBe('1');
  });

  it.each(['soon', '1.5', '', '12345678901234567890'])(
    'is refused with 13 when its time is %p',
    async (text) => {
      const properties = text === '' ? { TIMER_DELAY_MS: ' ' } : { TIMER_DELAY_MS: text };
      expect((await timer('x', properties)).code).toBe(13);
    },
  );

  it('is refused with 1 when there are no timers', async () => {
    await restart({ timerWheelEnable: false });
    const answer = await timer('x', { TIMER_DELAY_MS: '10' });
    expect(answer.code).toBe(1);
    expect(answer.remark).toContain('timerWheelEnable is false');
  });

  it('is refused with 1 when twice as many as allowed wait in its slot', async () => {
    await restart({ timerCongestNumEachSlot: 1 });
    const at = { TIMER_DELIVER_MS: String(START + 60_000) };
    for (const body of ['a', 'b']) {
      while ((await timer(body, at)).code !== 0);
      await advance(10);
    }
    const answer = await timer('c', at);
    expect(answer.code).toBe(1);
    expect(answer.remark).toContain('flow control');
    expect((await timer('d', { TIMER_DELIVER_MS: String(START + 61_000) })).code).toBe(0);
  });

  it('waits while timerStopDequeue is set', async () => {
    await timer('a', { TIMER_DELAY_MS: '600' });
    const config = broker.broker.config as { timerStopDequeue: boolean };
    config.timerStopDequeue = true;
    await advance(3000);
    expect(await bodies()).toEqual([]);
    config.timerStopDequeue = false;
    await advance(200);
    expect(await bodies()).toEqual(['a']);
  });

  it('comes once though the disk was full when it should have been noted', async () => {
    await broker.remove();
    const fileSystem = new MemoryFileSystem(() => clock.now());
    broker = await TestBroker.start({}, { storeClock: clock, fileSystem });
    await timer('before', { TIMER_DELAY_MS: '100' });
    await advance(200);
    for (const path of ['timerlog', 'timerwheel', 'timercheck'])
      fileSystem.fail('write', { code: 'ENOSPC', path });
    await timer('a', { TIMER_DELAY_SEC: '2' });
    await timer('b', { TIMER_DELAY_SEC: '4' });
    await advance(3000);
    expect(await bodies()).toEqual(['before']);
    fileSystem.heal();
    await advance(1500);
    expect(await bodies()).toEqual(['before', 'a', 'b']);
  });

  it('is counted by topic, and tells tools how far it is', async () => {
    await timer('a', { TIMER_DELAY_SEC: '60' });
    await timer('b', { TIMER_DELAY_SEC: '1' });
    await advance(12_000);
    const info = (await broker.ask(RequestCode.GET_BROKER_RUNTIME_INFO)).body.toString();
    expect(info).toContain('"timerCongestNum":"1"');
    expect(info).toContain('"timerOffsetBehind":"0"');
    const metrics = (await broker.ask(RequestCode.GET_TIMER_METRICS)).body.toString();
    expect(JSON.parse(metrics)).toMatchObject({ timingCount: { T: { count: 1 } } });
    const file = readFileSync(join(broker.directory, 'store', 'config', 'timermetrics'), 'utf8');
    expect(file.replaceAll(/\s/g, '')).toContain('"T":{"count":1,');
    const checkpoint = (await broker.ask(RequestCode.GET_TIMER_CHECK_POINT)).body;
    const [readTime = 0, ...taken] = [0, 8, 16].map((at) => Number(checkpoint.readBigInt64BE(at)));
    // Behind the slot of what was delivered; how much further depends on the disk.
    expect((readTime - START - 500) / 1000).toBeGreaterThanOrEqual(1);
    expect(readTime % 1000).toBe(0);
    expect(taken).toEqual([104, 2]);
    await broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, { topic: 'T' });
    expect((await broker.ask(RequestCode.GET_TIMER_METRICS)).body.toString()).not.toContain('"T"');
  });

  describe('and its count', () => {
    const METRICS = join('store', 'config', 'timermetrics');
    const counts = async (): Promise<unknown> => {
      const { timingCount } = JSON.parse(
        (await broker.ask(RequestCode.GET_TIMER_METRICS)).body.toString(),
      ) as { timingCount: Record<string, { count: number }> };
      return Object.fromEntries(Object.entries(timingCount).map(([topic, { count }]) => [topic, count]));
    };
    /** What a broker finds that was killed, or an operator that edited: topics with one hash among them. */
    const spoil = (): void => {
      const timingCount = Object.fromEntries(
        ['T', 'gone', 'Aa', 'BB'].map((topic) => [topic, { count: 99, timeStamp: START }]),
      );
      const dataVersion = { counter: 1, stateVersion: 0, timestamp: START };
      writeFileSync(join(broker.directory, METRICS), JSON.stringify({ dataVersion, timingCount }));
    };
    const waiting = async (): Promise<void> => {
      for (const topic of ['T', 'T', 'T', 'Aa', 'BB', 'BB'])
        await broker.send(topic, 'x', { properties: { TIMER_DELAY_SEC: '200000' } });
      await advance(1000);
    };

    it('is right after a start, whatever the file said', async () => {
      await waiting();
      const { directory } = broker;
      await broker.stop();
      spoil();
      broker = await TestBroker.start({}, { storeClock: clock }, directory);
      expect(await counts()).toEqual({ T: 3, gone: 0, Aa: 1, BB: 2 });
      await timer('one more', { TIMER_DELAY_SEC: '200000' });
      await advance(1000);
      expect(await counts()).toMatchObject({ T: 4 });
    });

    it('is set right once a day, at five', async () => {
      await waiting();
      const blind = jest.spyOn(TimerMetrics.prototype, 'add').mockReturnValue();
      await waiting();
      blind.mockRestore();
      expect(await counts()).toEqual({ T: 3, Aa: 1, BB: 2 });
      const metrics = jest.spyOn(TimerMetrics.prototype, 'revise');
      const hours = (5 - new Date(clock.now()).getHours() + 24) % 24;
      await clock.advanceAsync(hours * 3_600_000 + 3_600_000, 60_000);
      expect(metrics).toHaveBeenCalledTimes(1);
      await clock.advanceAsync(20 * 3_600_000, 60_000);
      expect(metrics).toHaveBeenCalledTimes(1);
      metrics.mockRestore();
      expect(await counts()).toEqual({ T: 6, Aa: 2, BB: 4 });
    });
  });

  describe('and its recall', () => {
    const recall = (handle: string, topic = 'T') =>
      broker.ask(RequestCode.RECALL_MESSAGE, { producerGroup: 'PG', topic, recallHandle: handle });
    const text = (...parts: (string | number)[]): string =>
      Buffer.from(parts.join(' ')).toString('base64url');

    it('is never delivered when it is taken back', async () => {
      const handle = (await timer('a', { TIMER_DELAY_SEC: '5' })).extFields.get('recallHandle') ?? '';
      await timer('b', { TIMER_DELAY_SEC: '5' });
      expect(Buffer.from(handle, 'base64url').toString()).toBe(`v1 T broker-a ${START + 4501} key-a`);
      const answer = await recall(handle);
      expect([answer.code, answer.extFields.get('msgId')]).toEqual([0, 'key-a']);
      await advance(6000);
      expect(await bodies()).toEqual(['b']);
    });

    it('holds over a restart, and for a message that is far away', async () => {
      await restart({ timerRollWindowSlot: 10 });
      const handle = (await timer('far', { TIMER_DELAY_SEC: '30' })).extFields.get('recallHandle') ?? '';
      await timer('other', { TIMER_DELAY_SEC: '30' });
      await advance(2000);
      expect((await recall(handle)).code).toBe(0);
      await restart({ timerRollWindowSlot: 10 });
      await advance(35_000);
      expect(await bodies()).toEqual(['other']);
    });

    it('holds over a restart in the middle of its second', async () => {
      await timer('delivered', { TIMER_DELIVER_MS: String(START + 2600) });
      const sent = await timer('recalled', { TIMER_DELIVER_MS: String(START + 3400) });
      await recall(sent.extFields.get('recallHandle') ?? '');
      await timer('left', { TIMER_DELIVER_MS: String(START + 3450) });
      await advance(2700);
      expect(await bodies()).toEqual(['delivered']);
      await restart();
      await advance(2000);
      expect(await bodies()).toEqual(['delivered', 'left']);
    });

    it('spares a message of another topic that has the same key', async () => {
      await broker.send('U', 'u', { properties: { UNIQ_KEY: 'same', TIMER_DELAY_SEC: '5' } });
      const sent = await broker.send('T', 't', { properties: { UNIQ_KEY: 'same', TIMER_DELAY_SEC: '5' } });
      await recall(sent.extFields.get('recallHandle') ?? '');
      await advance(6000);
      expect(await bodies('U')).toEqual(['u']);
      expect(await bodies('T')).toEqual([]);
    });

    it.each([
      ['nonsense', 'T', () => '#', 604],
      ['another topic', 'T', () => text('v1', 'U', 'broker-a', START + 9000, 'k'), 604],
      ['another broker', 'T', () => text('v1', 'T', 'broker-b', START + 9000, 'k'), 604],
      ['the past', 'T', () => text('v1', 'T', 'broker-a', START, 'k'), 604],
      ['no time', 'T', () => text('v1', 'T', 'broker-a', 'x', 'k'), 604],
      ['a time beyond the limit', 'T', () => text('v1', 'T', 'broker-a', START + 259_200_000, 'k'), 604],
      ['an unknown topic', 'NONE', () => text('v1', 'NONE', 'broker-a', START + 9000, 'k'), 17],
    ])('is refused for a handle of %s', async (_, topic, handle, code) => {
      await timer('x', { TIMER_DELAY_SEC: '1' });
      expect((await recall(handle(), topic)).code).toBe(code);
    });

    it('is refused with 16 unless recallMessageEnable is set', async () => {
      await restart({ recallMessageEnable: false });
      const handle = (await timer('a', { TIMER_DELAY_SEC: '5' })).extFields.get('recallHandle') ?? '';
      expect((await recall(handle)).code).toBe(16);
    });
  });
});
