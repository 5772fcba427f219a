import { Tick } from './tick.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Tick', () => {
  it('commits first, in the order of the hooks, and then flushes', async () => {
    const tick = new Tick();
    const order: string[] = [];
    tick.onCommit(() => order.push('first'));
    tick.onCommit(() => order.push('second'));
    tick.add({ flush: () => order.push('flush') });
    expect(order).toEqual([]);
    await turn();
    expect(order).toEqual(['first', 'second', 'flush']);
  });

  it('runs once however often it is asked for, and not without being asked', async () => {
    const tick = new Tick();
    let commits = 0;
    tick.onCommit(() => commits++);
    await turn();
    expect(commits).toBe(0);
    tick.schedule();
    tick.schedule();
    await turn();
    await turn();
    expect(commits).toBe(1);
  });

  it('tells the last tick of a turn from those that cut it', async () => {
    const tick = new Tick();
    const open: boolean[] = [];
    tick.onCommit(() => open.push(tick.open));
    tick.schedule();
    tick.flushNow();
    tick.schedule();
    await turn();
    expect(open).toEqual([true, false]);
  });

  it('is crowded once 32 answers wait, until it runs', async () => {
    const tick = new Tick();
    for (let i = 0; i < 31; i++) tick.schedule();
    expect(tick.crowded).toBe(false);
    tick.schedule();
    expect(tick.crowded).toBe(true);
    tick.flushNow();
    expect(tick.crowded).toBe(false);
    for (let i = 0; i < 32; i++) tick.schedule();
    await turn();
    expect(tick.crowded).toBe(false);
  });

  it('flushes in the same tick what a commit made ready', async () => {
    const tick = new Tick();
    const order: string[] = [];
    tick.onCommit(() => {
      order.push('commit');
      tick.add({ flush: () => order.push('flush') });
    });
    tick.schedule();
    await turn();
    await turn();
    // And no further tick for it.
    expect(order).toEqual(['commit', 'flush']);
  });

  it('commits before what was added during a flush is flushed', async () => {
    const tick = new Tick();
    const order: string[] = [];
    tick.onCommit(() => order.push('commit'));
    tick.add({
      flush: () => {
        order.push('flush 1');
        tick.add({ flush: () => order.push('flush 2') });
      },
    });
    await turn();
    await turn();
    expect(order).toEqual(['commit', 'flush 1', 'commit', 'flush 2']);
  });

  it('flushes nothing when a commit fails, nor when it is asked to from within a commit', () => {
    const tick = new Tick();
    const order: string[] = [];
    tick.add({ flush: () => order.push('flush') });
    const remove = tick.onCommit(() => {
      tick.flushNow();
      throw new Error('disk');
    });
    expect(() => tick.flushNow()).toThrow('disk');
    expect(order).toEqual([]);
    remove();
    tick.flushNow();
    expect(order).toEqual(['flush']);
  });

  it('flushes the others in the next tick when one flush throws', async () => {
    const tick = new Tick();
    const order: string[] = [];
    tick.add({ flush: () => order.push('first') });
    tick.add({
      flush: () => {
        throw new Error('listener');
      },
    });
    tick.add({ flush: () => order.push('third') });
    expect(() => tick.flushNow()).toThrow('listener');
    expect(order).toEqual(['first']);
    await turn();
    await turn();
    expect(order).toEqual(['first', 'third']);
  });
});
