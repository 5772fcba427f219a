import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TimelineWriter, type TimelineSink } from './timeline-writer.ts';
import type { TimelineEntity } from './timeline.entity.ts';

const event = (eventId: string): TimelineEntity => ({ eventId }) as TimelineEntity;

/** A sink that fails while it is told to, and what it has. */
class Sink implements TimelineSink {
  readonly batches: string[][] = [];
  failing = false;
  tries = 0;

  async write(events: readonly TimelineEntity[]): Promise<void> {
    this.tries++;
    if (this.failing) throw new Error('the database is away');
    this.batches.push(events.map(({ eventId }) => eventId));
  }

  get written(): string[] {
    return this.batches.flat();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('TimelineWriter', () => {
  const setUp = () => {
    const sink = new Sink();
    const clock = new ManualClock(0);
    const warnings: string[] = [];
    const writer = new TimelineWriter(sink, clock, { warn: (message) => void warnings.push(message) });
    return { sink, clock, warnings, writer };
  };

  it('writes at once, and what comes meanwhile together', async () => {
    const { sink, writer } = setUp();
    for (const id of ['a', 'b', 'c']) writer.add(event(id));
    await turn();
    expect(sink.batches).toEqual([['a'], ['b', 'c']]);
  });

  it('keeps what can not be written, says so, and tries again later and later', async () => {
    const { sink, clock, warnings, writer } = setUp();
    sink.failing = true;
    writer.add(event('a'));
    await turn();
    clock.advance(499);
    await turn();
    expect(sink.tries).toBe(1);
    clock.advance(1);
    await turn();
    expect(sink.tries).toBe(2);
    clock.advance(500);
    await turn();
    expect(sink.tries).toBe(2);
    expect(warnings[0]).toBe('The timeline can not be written, 1 events wait: the database is away');
    sink.failing = false;
    writer.add(event('b'));
    clock.advance(500);
    await turn();
    expect(sink.written).toEqual(['a', 'b']);
  });

  it('keeps so many and no more: the oldest give way', async () => {
    const { sink, clock, warnings, writer } = setUp();
    sink.failing = true;
    for (let index = 0; index < 10_005; index++) writer.add(event(String(index)));
    await turn();
    clock.advance(500);
    await turn();
    expect(warnings.at(-1)).toContain('10000 events wait; 5 were given up');
    sink.failing = false;
    clock.advance(1000);
    await turn();
    expect(sink.written).toHaveLength(10_000);
    expect(sink.written[0]).toBe('5');
    expect(sink.written.at(-1)).toBe('10004');
  });

  it('writes what it has when it is closed, and takes nothing more', async () => {
    const { sink, writer } = setUp();
    writer.add(event('a'));
    await writer.close(1000);
    writer.add(event('b'));
    await turn();
    expect(sink.written).toEqual(['a']);
  });

  it('is closed after its time, also when nothing can be written', async () => {
    const { sink, clock, writer } = setUp();
    sink.failing = true;
    writer.add(event('a'));
    await turn();
    const closed = writer.close(2000);
    clock.advance(2000);
    await closed;
    expect(sink.written).toEqual([]);
  });
});
