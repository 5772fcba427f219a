import { describe, expect, it } from '@jest/globals';
import type { MessageExt } from '@nest-rocketmq/client';
import { ManualClock } from '@nest-rocketmq/runtime';
import { received } from '../../test/fake-clients.ts';
import { laneKey, Lanes } from './lanes.ts';
import { LEFT, type Outcome } from './outcome.ts';

const message = (key: string | undefined, msgId: string): MessageExt =>
  received({ msgId, keys: key === undefined ? [] : [key] });

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lanes whose handler ends when the test says so. */
function lanes(isOurs = () => true) {
  const clock = new ManualClock();
  const begun: string[] = [];
  const ends = new Map<string, (outcome: Outcome) => void>();
  const stopping = new AbortController();
  const made = new Lanes({ key: undefined, suspendMs: 1000, clock, signal: stopping.signal });
  const queue = { topic: 'order', brokerName: 'broker-a', queueId: 0 };
  const deliver = ({ msgId, reconsumeTimes }: MessageExt): Promise<Outcome> => {
    const name = reconsumeTimes === 0 ? msgId : `${msgId}/${reconsumeTimes}`;
    begun.push(name);
    return new Promise((end) => ends.set(name, end));
  };
  return {
    clock,
    begun,
    stopping,
    lanes: made,
    run: (messages: MessageExt[]) =>
      Promise.all(messages.map((each) => made.run(each, { queue, isOurs, deliver: () => deliver(each) }))),
    end: async (name: string, outcome?: Outcome) => {
      ends.get(name)?.(outcome);
      await tick();
    },
  };
}

describe('laneKey', () => {
  const of = received({ keys: ['k'], properties: { user: 'u', __SHARDINGKEY: 's' } });

  it('is the sharding key, or the first key, or a property, or what a function says', () => {
    expect(laneKey(of, undefined)).toBe('s');
    expect(laneKey(received({ keys: ['k', 'l'] }), undefined)).toBe('k');
    expect(laneKey(of, 'user')).toBe('u');
    expect(laneKey(of, ({ keys }) => `${keys[0]}!`)).toBe('k!');
  });

  it('is none where there is none', () => {
    expect(laneKey(received({}), undefined)).toBeUndefined();
    expect(laneKey(of, 'nothing')).toBeUndefined();
    expect(laneKey(of, () => '')).toBeUndefined();
  });
});

describe('lanes', () => {
  it('handle the messages of a key one after the other, those of different keys and of none at once', async () => {
    const { run, end, begun } = lanes();
    const done = run([
      message('a', 'a1'),
      message('a', 'a2'),
      message('b', 'b1'),
      message(undefined, 'x'),
      message(undefined, 'y'),
    ]);
    expect(begun).toEqual(['a1', 'b1', 'x', 'y']);
    await end('b1');
    expect(begun).not.toContain('a2');
    await end('a1');
    expect(begun).toContain('a2');
    for (const name of ['a2', 'x', 'y']) await end(name);
    await expect(done).resolves.toEqual(Array(5).fill(undefined));
  });

  it('try again in place after a failure, as long as it says or the group does', async () => {
    const { run, end, begun, clock } = lanes();
    const done = run([message('a', 'a1'), message('a', 'a2'), message('b', 'b1'), message('b', 'b2')]);
    await end('a1', { delayLevel: 0, reason: 'no', by: 'h' });
    await end('b1');
    expect(begun).toEqual(['a1', 'b1', 'b2']);
    await clock.advanceAsync(999);
    expect(begun).toHaveLength(3);
    await clock.advanceAsync(1);
    expect(begun.at(-1)).toBe('a1/1');
    await end('a1/1', { delayLevel: 4, delayMs: 3_600_000, reason: 'no', by: 'h' });
    await clock.advanceAsync(30_000);
    expect(begun.at(-1)).toBe('a1/2');
    await end('a1/2');
    await end('a2');
    await end('b2');
    await expect(done).resolves.toEqual(Array(4).fill(undefined));
    expect(clock.pending).toBe(0);
  });

  it('go on behind a message that becomes a dead letter', async () => {
    const { run, end, begun, lanes: made } = lanes();
    const done = run([message('a', 'a1'), message('a', 'a2')]);
    const rejected = { delayLevel: -1, reason: 'no', by: 'h' };
    await end('a1', rejected);
    expect(begun).toEqual(['a1', 'a2']);
    await end('a2');
    await expect(done).resolves.toEqual([rejected, undefined]);
    expect(made.size).toBe(0);
  });

  it('begin with nothing more when the group stops, also in the middle of a pause', async () => {
    const { run, end, begun, stopping, clock } = lanes();
    const done = run([message('a', 'a1'), message('a', 'a2'), message('b', 'b1'), message('b', 'b2')]);
    await end('a1', { delayLevel: 0, reason: 'no', by: 'h' });
    stopping.abort();
    await end('b1');
    await expect(done).resolves.toEqual([LEFT, LEFT, undefined, LEFT]);
    expect(begun).toEqual(['a1', 'b1']);
    expect(clock.pending).toBe(0);
  });

  it("don't try again what is another member's by now", async () => {
    const { run, end, clock } = lanes(() => false);
    const done = run([message('a', 'a1'), message('a', 'a2')]);
    await end('a1', { delayLevel: 0, reason: 'no', by: 'h' });
    await clock.advanceAsync(1000);
    await expect(done).resolves.toEqual([LEFT, LEFT]);
  });
});
