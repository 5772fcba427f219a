import { describe, expect, it } from '@jest/globals';
import { Slots, type Place } from './slots.ts';

/** Takes places until one has to be waited for; how many were had at once. */
function takeAll(slots: Slots, place: Place): number {
  for (let taken = 0; ; taken++) if (slots.take(place) !== true) return taken;
}

describe('Slots', () => {
  it('gives a single handler all places', () => {
    const slots = new Slots(3);
    expect(takeAll(slots, slots.add(undefined))).toBe(3);
    expect(slots.running).toBe(3);
  });

  it('keeps one for each of the others, whoever takes first', () => {
    const slots = new Slots(5);
    const [a, b, c] = [slots.add(undefined), slots.add(undefined), slots.add(undefined)];
    expect([takeAll(slots, a), takeAll(slots, b), takeAll(slots, c)]).toEqual([3, 2, 0]);
    const alone = new Slots(5);
    const [hung, other] = [alone.add(undefined), alone.add(undefined)];
    expect([takeAll(alone, hung), takeAll(alone, other)]).toEqual([4, 1]);
  });

  it('gives each handler at least one, and none more than its own limit', () => {
    const slots = new Slots(1);
    const [a, b] = [slots.add(undefined), slots.add(7)];
    expect([a.limit, b.limit]).toEqual([1, 1]);
    const wide = new Slots(10);
    expect(takeAll(wide, wide.add(2))).toBe(2);
  });

  it('hands places on in the order they were asked for, and to the handlers in turn', async () => {
    const slots = new Slots(2);
    const [a, b] = [slots.add(undefined), slots.add(undefined)];
    const order: string[] = [];
    const ask = (name: string, place: Place): void => {
      const turn = slots.take(place);
      if (turn === true) order.push(name);
      else void turn.then(() => order.push(name));
    };
    for (const name of ['a1', 'a2', 'a3']) ask(name, a);
    for (const name of ['b1', 'b2']) ask(name, b);
    expect(order).toEqual(['a1', 'b1']);
    slots.release(a);
    slots.release(b);
    await Promise.resolve();
    expect(order.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2']);
    slots.release(a);
    await Promise.resolve();
    expect(order.at(-1)).toBe('a3');
  });

  it('begins more when it is enlarged, and lets those that run end when it is made smaller', async () => {
    const slots = new Slots(1);
    const place = slots.add(undefined);
    expect(slots.take(place)).toBe(true);
    const waiting = [slots.take(place), slots.take(place)];
    slots.resize(3);
    for (const turn of waiting) await expect(turn).resolves.toBe(true);
    slots.resize(1);
    const next = slots.take(place);
    let granted = false;
    void Promise.resolve(next).then(() => (granted = true));
    slots.release(place);
    slots.release(place);
    await Promise.resolve();
    expect(granted).toBe(false);
    slots.release(place);
    await expect(next).resolves.toBe(true);
  });

  it('tells those that wait when it stops, and those that come later', async () => {
    const slots = new Slots(1);
    const place = slots.add(undefined);
    expect(slots.take(place)).toBe(true);
    const waiting = slots.take(place);
    slots.stop();
    await expect(waiting).resolves.toBe(false);
    await expect(slots.take(place)).resolves.toBe(false);
  });
});
