import { ManualClock } from '@nest-rocketmq/runtime';
import { connectInBackground } from './background-connect.ts';

describe('a connection that is made in the background', () => {
  function connecting(failures: number) {
    const clock = new ManualClock();
    const lines: string[] = [];
    const end = new AbortController();
    let tries = 0;
    const done = connectInBackground({
      nameServer: 'mq:9876',
      check: async () => {
        if (++tries <= failures) throw new Error('refused');
      },
      clock,
      logger: { info: (line) => lines.push(line), warn: (line) => lines.push(`WARN ${line}`) },
      signal: end.signal,
    });
    const passes = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 1000) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(1000);
      }
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { clock, lines, end, done, passes, tries: () => tries };
  }

  it('says nothing when a NameServer answers at once', async () => {
    const { done, lines, tries } = connecting(0);
    await done;
    expect([tries(), lines]).toEqual([1, []]);
  });

  it('says that none answers, and when one does', async () => {
    const { done, lines, passes, tries } = connecting(3);
    await passes(20_000);
    await done;
    expect(tries()).toBe(4);
    expect(lines).toEqual([
      'WARN Going on in the background until there is a NameServer',
      'NameServer mq:9876 answers now',
    ]);
  });

  it('says it once a minute', async () => {
    const { end, done, lines, passes } = connecting(Infinity);
    await passes(119_000);
    expect(lines).toHaveLength(2);
    end.abort();
    await done;
  });

  it('ends with its connection, without a word', async () => {
    const { clock, end, done, lines, passes } = connecting(Infinity);
    await passes(1000);
    end.abort();
    await done;
    expect(lines).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
