import type { HeaderView } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { WheelEntry, type TimerWheel } from './timer-wheel.ts';

/**
 * Takes the answer to one request, or learns why there is none; exactly one of the two is called, once. Header and
 * buffer are valid only during the call.
 */
export interface ResponseHandler {
  onResponse(header: HeaderView, buffer: Buffer, bodyStart: number, bodyEnd: number): void;
  onError(error: RocketMQError): void;
}

class PendingRequest extends WheelEntry {
  constructor(
    readonly table: InFlight,
    readonly opaque: number,
    readonly timeoutMs: number,
    readonly handler: ResponseHandler,
  ) {
    super();
  }

  override expire(): void {
    this.table.onExpired(this);
  }
}

/** The requests of one connection that wait for their answers, by opaque. */
export class InFlight {
  readonly #pending = new Map<number, PendingRequest>();
  readonly #wheel: TimerWheel;
  readonly #address: string;
  readonly #limit: number;

  constructor(wheel: TimerWheel, address: string, limit: number) {
    this.#wheel = wheel;
    this.#address = address;
    this.#limit = limit;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Waits at most `timeoutMs` for the answer; false, after `handler.onError`, when too many wait already. */
  add(opaque: number, timeoutMs: number, handler: ResponseHandler): boolean {
    if (this.#pending.size >= this.#limit || this.#pending.has(opaque)) {
      handler.onError(
        new RocketMQError(
          'OVERLOADED',
          `${this.#pending.size} requests to ${this.#address} wait for their answers already. ` +
            'Send fewer at a time, or see why it answers slowly',
          { address: this.#address },
        ),
      );
      return false;
    }
    const pending = new PendingRequest(this, opaque, timeoutMs, handler);
    this.#pending.set(opaque, pending);
    this.#wheel.add(pending, timeoutMs);
    return true;
  }

  /** Takes out who waits for this answer; undefined when nobody does (any more). */
  take(opaque: number): ResponseHandler | undefined {
    const pending = this.#pending.get(opaque);
    if (pending === undefined) return undefined;
    this.#pending.delete(opaque);
    this.#wheel.cancel(pending);
    return pending.handler;
  }

  /** Tells all who wait that no answer will come. */
  fail(error: RocketMQError): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) this.#wheel.cancel(pending);
    for (const pending of all) pending.handler.onError(error);
  }

  /** @internal */
  onExpired(pending: PendingRequest): void {
    this.#pending.delete(pending.opaque);
    pending.handler.onError(
      new RocketMQError('TIMEOUT', `No answer from ${this.#address} within ${pending.timeoutMs} ms`, {
        address: this.#address,
      }),
    );
  }
}
