import type { Clock, Scheduled } from './clock.ts';

interface Task {
  at: number;
  order: number;
  run: () => void;
}

/** A clock that moves only when told to: tasks run in the order of their time, then of their scheduling. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #tasks = new Set<Task>();

  /** @param now the time it starts at, in milliseconds since the epoch */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, run: () => void): Scheduled {
    const task: Task = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run };
    this.#tasks.add(task);
    return { cancel: () => void this.#tasks.delete(task) };
  }

  /** How many calls are waiting: a part that was stopped has none. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Moves the time forward by `ms` milliseconds and runs what becomes due, synchronously. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let task = this.#next(end); task; task = this.#next(end)) {
      this.#tasks.delete(task);
      this.#now = Math.max(this.#now, task.at);
      task.run();
    }
    this.#now = end;
  }

  /**
   * As {@link advance}, in steps no longer than `stepMs`, letting promises and I/O that the tasks started settle
   * between them: for parts that talk over real sockets while their time is simulated.
   */
  async advanceAsync(ms: number, stepMs = 1000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(left, stepMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #next(end: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (task.at > end) continue;
      if (!first || task.at < first.at || (task.at === first.at && task.order < first.order)) first = task;
    }
    return first;
  }
}
