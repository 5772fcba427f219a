import { ManualClock } from '@nest-rocketmq/runtime';
import { drain } from './drain-progress.ts';

describe('the drain of a group', () => {
  function draining(running: number, drainMs = 12_000) {
    const clock = new ManualClock();
    const lines: string[] = [];
    const state = { running };
    let stopped: (drained: boolean) => void = () => undefined;
    const stopping = new Promise<boolean>((resolve) => (stopped = resolve));
    const log = (line: string): void => void lines.push(line);
    const parts = { clock, logger: { info: log, warn: (line: string) => log(`WARN ${line}`) } };
    const done = drain({ group: 'stock', drainMs, running: () => state.running }, () => stopping, parts);
    return { clock, lines, state, stopped, done };
  }

  it('says every 5 s how many handlers are waited for, and how long still', async () => {
    const { clock, lines, state, stopped, done } = draining(3);
    clock.advance(5000);
    state.running = 1;
    clock.advance(5000);
    stopped(true);
    await done;
    clock.advance(60_000);
    expect(lines).toEqual([
      'Group stock stops: 3 handlers may end within 12 s',
      'Group stock stops: waiting for 3 handlers, 7 s left',
      'Group stock stops: waiting for 1 handler, 2 s left',
      'Group stock has stopped: all handlers have ended',
    ]);
  });

  it('warns of what still runs in the end', async () => {
    const { lines, stopped, done } = draining(2, 300);
    stopped(false);
    await done;
    expect(lines.at(-1)).toBe(
      'WARN Handlers of the group stock still run after 300 ms (2): their messages come again',
    );
  });

  it('has nothing to say when nothing runs', async () => {
    const { clock, lines, stopped, done } = draining(0);
    clock.advance(5000);
    stopped(true);
    await done;
    expect(lines).toEqual([]);
  });

  it('is over when stopping fails', async () => {
    const clock = new ManualClock();
    const logger = { info: () => undefined, warn: () => undefined };
    const failing = drain(
      { group: 'stock', drainMs: 1, running: () => 0 },
      () => Promise.reject(new Error('lost')),
      { clock, logger },
    );
    await expect(failing).rejects.toThrow('lost');
    expect(clock.pending).toBe(0);
  });
});
