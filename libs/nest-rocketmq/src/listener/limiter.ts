/** Lets at most so many calls run at the same time; the others wait for their turn, first come, first served. */
export class Limiter {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      // The place goes to the next in line, or back.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
