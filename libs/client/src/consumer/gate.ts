/** Lets work pass while it is open; what comes to a closed one waits. */
export class Gate {
  #waiting: (() => void)[] | undefined;

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  close(): void {
    this.#waiting ??= [];
  }

  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const pass of waiting) pass();
  }

  /** Resolves when the gate is open, or when `signal` is aborted. */
  pass(signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting;
    if (!waiting || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
