import type { Clock } from '@nest-rocketmq/runtime';

/** The counters cover the last minute, in slots of so many milliseconds. */
const SLOT_MS = 10_000;
const SLOTS = 6;

interface Slot {
  at: number;
  ok: number;
  failed: number;
  calls: number;
  ms: number;
}

/** What a console shows of a consumed topic; the rates are those of the last minute. */
export interface ConsumeRates {
  consumeOKTPS: number;
  consumeFailedTPS: number;
  /** Average milliseconds of a listener call. */
  consumeRT: number;
  /** Messages that failed since the start. */
  consumeFailedMsgs: number;
}

/** Counts what listeners did, by topic. */
export class ConsumeCounters {
  readonly #clock: Clock;
  readonly #topics = new Map<string, { slots: Slot[]; failed: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes one listener call, which took so many milliseconds. @param now when it ended, by the clock */
  consumed(topic: string, ok: number, failed: number, ms: number, now = this.#clock.now()): void {
    let counters = this.#topics.get(topic);
    if (!counters) this.#topics.set(topic, (counters = { slots: [], failed: 0 }));
    const at = Math.floor(now / SLOT_MS);
    let slot = counters.slots.at(-1);
    if (slot?.at !== at) {
      slot = { at, ok: 0, failed: 0, calls: 0, ms: 0 };
      counters.slots.push(slot);
      if (counters.slots.length > SLOTS) counters.slots.shift();
    }
    slot.ok += ok;
    slot.failed += failed;
    slot.calls++;
    slot.ms += ms;
    counters.failed += failed;
  }

  /** The rates of a topic. */
  rates(topic: string): ConsumeRates {
    const counters = this.#topics.get(topic);
    const oldest = Math.floor(this.#clock.now() / SLOT_MS) - SLOTS;
    const slots = counters?.slots.filter((slot) => slot.at > oldest) ?? [];
    const sum = (field: 'ok' | 'failed' | 'calls' | 'ms'): number =>
      slots.reduce((total, slot) => total + slot[field], 0);
    const seconds = (SLOT_MS * SLOTS) / 1000;
    return {
      consumeOKTPS: sum('ok') / seconds,
      consumeFailedTPS: sum('failed') / seconds,
      consumeRT: sum('calls') === 0 ? 0 : sum('ms') / sum('calls'),
      consumeFailedMsgs: counters?.failed ?? 0,
    };
  }
}
