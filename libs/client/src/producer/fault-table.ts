import type { Clock } from '@nest-rocketmq/runtime';

/** A send that took at least `LATENCY_MAX[i]` keeps its broker out for `NOT_AVAILABLE[i]` milliseconds. */
const LATENCY_MAX = [50, 100, 550, 1800, 3000, 5000, 15_000];
const NOT_AVAILABLE = [0, 0, 2000, 5000, 6000, 10_000, 30_000];
/** A broker that failed counts as one that took so long. */
const ISOLATION_LATENCY = 10_000;

interface FaultItem {
  availableAt: number;
  reachable: boolean;
}

/** Which brokers were slow or failing lately, as `MQFaultStrategy` and `LatencyFaultTolerance` keep it. */
export class FaultTable {
  readonly #clock: Clock;
  readonly #items = new Map<string, FaultItem>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Notes how a send to a broker went.
   * @param latencyMs how long it took
   * @param isolate whether it failed in a way that keeps the broker out for 10 s
   * @param reachable whether the broker could be talked to at all
   */
  update(brokerName: string, latencyMs: number, isolate: boolean, reachable: boolean): void {
    const latency = isolate ? ISOLATION_LATENCY : latencyMs;
    let duration = 0;
    for (let i = LATENCY_MAX.length - 1; i >= 0; i--) {
      if (latency >= (LATENCY_MAX[i] ?? Infinity)) {
        duration = NOT_AVAILABLE[i] ?? 0;
        break;
      }
    }
    if (duration === 0 && reachable) this.#items.delete(brokerName);
    else this.#items.set(brokerName, { availableAt: this.#clock.now() + duration, reachable });
  }

  isAvailable(brokerName: string): boolean {
    const item = this.#items.get(brokerName);
    return item === undefined || this.#clock.now() >= item.availableAt;
  }

  isReachable(brokerName: string): boolean {
    return this.#items.get(brokerName)?.reachable ?? true;
  }
}
