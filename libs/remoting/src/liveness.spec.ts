import { defaultLimits } from './limits.ts';
import { LivenessWatch } from './liveness.ts';

function setUp() {
  const reader = { frames: 0, partial: false };
  const queue = { inSocket: 0, progress: 0 };
  const watch = new LivenessWatch(defaultLimits, { reader, queue });
  /** The first reason within so many seconds, and the second in which it came. */
  const secondsUntilReason = (
    seconds: number,
    each: (second: number) => boolean,
  ): [number, string] | undefined => {
    for (let second = 1; second <= seconds; second++) {
      const reason = watch.check(1000, each(second));
      if (reason !== undefined) return [second, reason];
    }
    return undefined;
  };
  return { reader, queue, secondsUntilReason };
}

describe('LivenessWatch', () => {
  it('closes after 120 s of silence, counted from the last byte', () => {
    const { secondsUntilReason } = setUp();
    expect(secondsUntilReason(300, (second) => second <= 100 && second % 50 === 0)).toEqual([
      220,
      'nothing was read or written for 120000 ms',
    ]);
  });

  it('closes when the first frame takes 10 s, a later one 30 s, though bytes trickle in', () => {
    const first = setUp();
    first.reader.partial = true;
    expect(first.secondsUntilReason(60, () => true)).toEqual([
      11,
      'a frame did not arrive whole within 10000 ms',
    ]);
    const later = setUp();
    later.reader.partial = true;
    later.reader.frames = 1;
    expect(later.secondsUntilReason(60, () => true)).toEqual([
      31,
      'a frame did not arrive whole within 30000 ms',
    ]);
  });

  it('lets a busy peer whose every read ends within a frame be', () => {
    const { reader, secondsUntilReason } = setUp();
    reader.partial = true;
    expect(secondsUntilReason(300, (second) => (reader.frames = second) > 0)).toBeUndefined();
  });

  it('closes when the peer takes nothing of what waits for 60 s, and not while it takes something', () => {
    const { queue, secondsUntilReason } = setUp();
    queue.inSocket = 1000;
    const takesUntil = (last: number) => (second: number) => {
      if (second <= last && second % 30 === 0) queue.progress++;
      return true;
    };
    expect(secondsUntilReason(200, takesUntil(90))).toEqual([
      150,
      'the peer read nothing of what waited for it for 60000 ms',
    ]);
  });
});
