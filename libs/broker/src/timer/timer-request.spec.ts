import { deliverTimeOf, exactTimeOf, outTimeOf } from './timer-request.ts';

const NOW = 1_767_225_600_500;
const properties = (object: Record<string, string>): Map<string, string> => new Map(Object.entries(object));

describe('the time that a message asks for', () => {
  it.each([
    [{ TIMER_DELAY_SEC: '3' }, NOW + 3000],
    [{ TIMER_DELAY_MS: '3' }, NOW + 3],
    [{ TIMER_DELIVER_MS: '123' }, 123],
    [{ TIMER_DELAY_SEC: '1', TIMER_DELAY_MS: '2', TIMER_DELIVER_MS: '3' }, NOW + 1000],
    [{ TIMER_DELAY_MS: '-2', TIMER_DELIVER_MS: '3' }, NOW - 2],
    [{}, undefined],
    [{ TIMER_DELAY_SEC: 'x', TIMER_DELIVER_MS: '3' }, NaN],
    [{ TIMER_DELIVER_MS: '1e3' }, NaN],
    [{ TIMER_DELIVER_MS: '99999999999999999999' }, NaN],
  ])('by %p is %p', (given, time) => {
    expect(deliverTimeOf(properties(given as Record<string, string>), NOW)).toEqual(time);
  });

  it.each([
    [5000, 4000],
    [5001, 5000],
    [5999, 5000],
  ])('of %d lies in the slot %d', (time, slot) => {
    expect(outTimeOf(time, 1000)).toBe(slot);
  });

  it('is exact where the message says it, and the end of the slot elsewhere', () => {
    const exact = (given: Record<string, string>, storedAt = NOW): number =>
      exactTimeOf(properties(given), storedAt, NOW + 2500, 1000);
    expect(exact({ TIMER_DELAY_SEC: '3' })).toBe(NOW + 3000);
    expect(exact({ TIMER_DELIVER_MS: String(NOW + 2501) })).toBe(NOW + 2501);
    expect(exact({ TIMER_DELIVER_MS: String(NOW + 3500) })).toBe(NOW + 3500);
    // A delay of a message that was stored again on its way, and what is no time.
    expect(exact({ TIMER_DELAY_SEC: '3' }, NOW + 100_000)).toBe(NOW + 3500);
    expect(exact({ TIMER_DELAY_SEC: '3' }, NOW - 2000)).toBe(NOW + 3500);
    expect(exact({ TIMER_DELIVER_MS: 'x' })).toBe(NOW + 3500);
    expect(exact({})).toBe(NOW + 3500);
  });
});
