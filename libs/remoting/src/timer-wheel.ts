import type { Clock, Scheduled } from '@nest-rocketmq/runtime';

const SLOT_MS = 100;
const SLOTS = 512;

/** Something that happens unless it is cancelled before: a subclass is the request, connection or hold itself. */
export abstract class WheelEntry {
  /** @internal neighbours in the slot; both undefined outside a wheel */
  previous: WheelEntry | undefined = undefined;
  /** @internal */
  next: WheelEntry | undefined = undefined;
  /** @internal the turn in which it is due; -1 when it waits for nothing */
  due = -1;

  /** Called once when the time is over. */
  abstract expire(): void;
}

class Slot extends WheelEntry {
  constructor() {
    super();
    this.previous = this.next = this;
  }

  override expire(): void {
    throw new Error('The head of a slot does not expire');
  }
}

/**
 * Time-outs by the hundred thousand without a timer each: a ring of slots of 100 ms, in each a linked list. Adding and
 * cancelling cost a few assignments, and one timer of the {@link Clock} turns the wheel while it holds anything.
 *
 * An entry never expires early, and at most 200 ms late. The wheel counts its turns rather than the time of day, so a
 * clock that is set forward, or a process that was stopped for a while, doesn't time out everything at once.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => new Slot());
  readonly #turn = (): void => this.#advance();
  #timer: Scheduled | undefined;
  #now = 0;
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many entries wait. */
  get size(): number {
    return this.#size;
  }

  /** Has `entry.expire()` called after `timeoutMs` milliseconds; an entry that waits already is moved. */
  add(entry: WheelEntry, timeoutMs: number): void {
    if (entry.due >= 0) this.cancel(entry);
    const slots = Math.max(1, Math.ceil(timeoutMs / SLOT_MS));
    // In a turning wheel an unknown part of the current slot is over already.
    entry.due = this.#now + (this.#timer === undefined ? slots : slots + 1);
    const head = this.#slots[entry.due % SLOTS];
    const last = head?.previous;
    if (head === undefined || last === undefined) throw new Error('A slot of the timer wheel is broken');
    entry.previous = last;
    entry.next = head;
    last.next = head.previous = entry;
    this.#size++;
    this.#timer ??= this.#clock.schedule(SLOT_MS, this.#turn);
  }

  /** Takes `entry` out; nothing happens when it does not wait. */
  cancel(entry: WheelEntry): void {
    if (entry.due < 0) return;
    entry.due = -1;
    this.#unlink(entry);
  }

  /** Forgets all entries and stops the timer. */
  clear(): void {
    for (const head of this.#slots) {
      for (let entry = head.next; entry !== undefined && entry !== head; entry = head.next)
        this.cancel(entry);
    }
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #unlink(entry: WheelEntry): void {
    const { previous, next } = entry;
    // An entry in the list of those that are just expiring has left its slot already.
    if (previous === undefined || next === undefined) return;
    previous.next = next;
    next.previous = previous;
    entry.previous = entry.next = undefined;
    this.#size--;
  }

  #advance(): void {
    this.#timer = undefined;
    const now = ++this.#now;
    const head = this.#slots[now % SLOTS];
    const expired: WheelEntry[] = [];
    for (let entry = head?.next; entry !== undefined && entry !== head;) {
      const next: WheelEntry | undefined = entry.next;
      if (entry.due <= now) {
        this.#unlink(entry);
        expired.push(entry);
      }
      entry = next;
    }
    if (this.#size > 0) this.#timer = this.#clock.schedule(SLOT_MS, this.#turn);
    for (const entry of expired) {
      // One that expired before may have cancelled it, or added it anew.
      if (entry.due !== now) continue;
      entry.due = -1;
      entry.expire();
    }
  }
}
