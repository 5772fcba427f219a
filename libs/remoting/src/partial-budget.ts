/** The memory that frames which have arrived in part may take together, in bytes. */
export class PartialBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is taken now. */
  get used(): number {
    return this.#used;
  }

  /** Takes `bytes` (or gives them back, when negative); false, and nothing taken, when they exceed the limit. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }
}
