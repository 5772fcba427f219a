import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecords, RequestCode, type MessageRecord } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../test/test-broker.ts';
import type { BrokerConfig } from '../index.ts';

/** A clock that can be set back. */
class SetBackClock extends ManualClock {
  #behind = 0;

  override now(): number {
    return super.now() - this.#behind;
  }

  setBack(ms: number): void {
    this.#behind += ms;
  }
}

describe('a message with a delay level', () => {
  let broker: TestBroker;
  let clock: SetBackClock;

  beforeEach(async () => {
    clock = new SetBackClock(Date.now());
    broker = await TestBroker.start({}, { storeClock: clock });
  });

  afterEach(() => broker.remove());

  async function delivered(topic = 'T', queueId = 0): Promise<MessageRecord[]> {
    const answer = await broker.pull('CG', topic, queueId, 0);
    return answer.code === 0 ? decodeRecords(answer.body) : [];
  }

  async function restart(config: Partial<BrokerConfig> = {}): Promise<void> {
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start(config, { storeClock: clock }, directory);
  }

  it('comes when its time is over, with the properties it waited with', async () => {
    await broker.send('T', 'later', { queueId: 2, properties: { DELAY: '2', TAGS: 'a' } });
    await clock.advanceAsync(4_500, 500);
    expect(await delivered('T', 2)).toEqual([]);
    await clock.advanceAsync(1_000, 100);
    const [record] = await delivered('T', 2);
    expect(record?.body.toString()).toBe('later');
    expect(Object.fromEntries(record?.properties ?? [])).toMatchObject({
      DELAY: '2',
      TAGS: 'a',
      REAL_TOPIC: 'T',
      REAL_QID: '2',
    });
  });

  it('case 14: send to SCHEDULE_TOPIC_XXXX: NO_PERMISSION 16', async () => {
    expect((await broker.send('SCHEDULE_TOPIC_XXXX', 'x')).code).toBe(16);
  });

  it('case 16: delay level 19: treated as 18', async () => {
    await broker.send('T', 'x', { properties: { DELAY: '19' } });
    const answer = await broker.ask(RequestCode.GET_MAX_OFFSET, {
      topic: 'SCHEDULE_TOPIC_XXXX',
      queueId: '17',
    });
    expect(answer.extFields.get('offset')).toBe('1');
  });

  it('comes to the millisecond of its time', async () => {
    await broker.send('T', 'x', { properties: { DELAY: '1' } });
    const sent = clock.now();
    await clock.advanceAsync(1_100, 50);
    expect((await delivered())[0]?.storeTimestamp).toBe(sent + 1000);
  });

  it('waits on when the clock is set right by a little, and comes at once when it is set back further than it waits', async () => {
    await broker.send('T', 'a', { properties: { DELAY: '4' } });
    clock.setBack(1000);
    await clock.advanceAsync(30_500, 500);
    expect(await delivered()).toEqual([]);
    await clock.advanceAsync(1_000, 100);
    expect(await delivered()).toHaveLength(1);
    await broker.send('T', 'b', { properties: { DELAY: '4' } });
    clock.setBack(3_600_000);
    await clock.advanceAsync(2_000, 100);
    expect(await delivered()).toHaveLength(2);
  });

  it('waits as long as messageDelayLevel says, over restarts, in more levels than RocketMQ has', async () => {
    const table = Array.from({ length: 19 }, () => '10m').join(' ');
    await restart({ messageDelayLevel: `2s ${table} 20m` });
    await broker.send('T', 'first', { properties: { DELAY: '1' } });
    await broker.send('T', 'last', { properties: { DELAY: '21' } });
    await clock.advanceAsync(2_100, 100);
    expect((await delivered()).map((record) => record.body.toString())).toEqual(['first']);
    clock.advance(1_190_000);
    await restart({ messageDelayLevel: `2s ${table} 20m` });
    await clock.advanceAsync(10_000, 1000);
    expect((await delivered()).map((record) => record.body.toString())).toEqual(['first', 'last']);
  });

  it('loses the properties of other delays, which the level overrides', async () => {
    await broker.send('T', 'x', { properties: { DELAY: '1', TIMER_DELIVER_MS: '1' } });
    await clock.advanceAsync(3_000, 100);
    expect((await delivered())[0]?.properties.has('TIMER_DELIVER_MS')).toBe(false);
  });

  it('comes once, however often the broker is restarted', async () => {
    await broker.send('T', 'a', { properties: { DELAY: '1' } });
    await broker.send('T', 'b', { properties: { DELAY: '3' } });
    await clock.advanceAsync(3_000, 100);
    await restart();
    await clock.advanceAsync(3_000, 100);
    expect((await delivered()).map((record) => record.body.toString())).toEqual(['a']);
    await restart();
    await clock.advanceAsync(8_000, 100);
    expect((await delivered()).map((record) => record.body.toString())).toEqual(['a', 'b']);
  });

  it('leaves the progress in delayOffset.json and in the runtime table', async () => {
    await broker.send('T', 'a', { properties: { DELAY: '1' } });
    await clock.advanceAsync(12_000, 500);
    const path = join(broker.directory, 'store', 'config', 'delayOffset.json');
    expect(readFileSync(path, 'utf8').replace(/\s/g, '')).toContain('"offsetTable":{1:1}');
    const info = (await broker.ask(RequestCode.GET_BROKER_RUNTIME_INFO)).body.toString();
    expect(info).toContain('"scheduleMessageOffset_1":"1,1"');
  });
});
