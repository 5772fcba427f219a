/** What one run of a load says, in units of its own: messages for sends, messages and bytes for pulls. */
export interface LoadResult {
  /** Answered operations per second over the measured time. */
  perSecond: number;
  /** Body bytes per second over the measured time. */
  bytesPerSecond: number;
  p50Us: number;
  p99Us: number;
  p999Us: number;
  /** Answers with a code other than success, by code. */
  errors: Record<string, number>;
}

/** Counts what falls into the measured time: the warm-up before it and the tail behind it don't count. */
export class Measure {
  readonly #from: number;
  readonly #until: number;
  readonly #latencies: Float64Array;
  #samples = 0;
  #operations = 0;
  #bytes = 0;
  readonly #errors: Record<string, number> = {};

  /** @param warmUpMs not counted; @param measuredMs counted */
  constructor(warmUpMs: number, measuredMs: number) {
    this.#from = performance.now() + warmUpMs;
    this.#until = this.#from + measuredMs;
    this.#latencies = new Float64Array(1 << 22);
  }

  /** @returns false once the measured time is over */
  add(startedAt: number, now: number, operations: number, bytes: number): boolean {
    if (now >= this.#until) return false;
    if (now < this.#from) return true;
    this.#operations += operations;
    this.#bytes += bytes;
    // A full reservoir keeps the newest samples.
    this.#latencies[this.#samples++ % this.#latencies.length] = now - startedAt;
    return true;
  }

  fail(code: number): void {
    this.#errors[code] = (this.#errors[code] ?? 0) + 1;
  }

  result(): LoadResult {
    const sorted = this.#latencies.subarray(0, Math.min(this.#samples, this.#latencies.length)).sort();
    const seconds = (this.#until - this.#from) / 1000;
    const quantile = (q: number): number => Math.round((sorted[Math.floor(sorted.length * q)] ?? 0) * 1000);
    return {
      perSecond: Math.round(this.#operations / seconds),
      bytesPerSecond: Math.round(this.#bytes / seconds),
      p50Us: quantile(0.5),
      p99Us: quantile(0.99),
      p999Us: quantile(0.999),
      errors: this.#errors,
    };
  }
}
