import type { FaultTable } from './fault-table.ts';

/** Round robin over the queues of a topic from a random start, leaving out the broker that has just failed. */
export class QueueChoice {
  #index: number;

  /** @param start where to begin; random by default, so that producers spread over the queues */
  constructor(start = Math.floor(Math.random() * 0x4000_0000)) {
    this.#index = start;
  }

  /**
   * The next queue; undefined only when there is none.
   * @param lastBroker the broker of the try before, which is avoided where there is another
   * @param faults when given, brokers it calls available are preferred, then reachable ones
   */
  next<T extends { readonly brokerName: string }>(
    queues: readonly T[],
    lastBroker: string | undefined,
    faults?: FaultTable,
  ): T | undefined {
    if (faults) {
      const queue =
        this.#pick(queues, (name) => name !== lastBroker && faults.isAvailable(name)) ??
        this.#pick(queues, (name) => name !== lastBroker && faults.isReachable(name));
      return queue ?? this.#plain(queues);
    }
    if (lastBroker === undefined) return this.#plain(queues);
    return this.#pick(queues, (name) => name !== lastBroker) ?? this.#plain(queues);
  }

  #pick<T extends { readonly brokerName: string }>(
    queues: readonly T[],
    accepts: (brokerName: string) => boolean,
  ): T | undefined {
    for (let i = 0; i < queues.length; i++) {
      const queue = this.#plain(queues);
      if (queue && accepts(queue.brokerName)) return queue;
    }
    return undefined;
  }

  #plain<T>(queues: readonly T[]): T | undefined {
    this.#index = (this.#index + 1) & 0x7fff_ffff;
    return queues[this.#index % queues.length];
  }
}
