import type { Clock } from '@nest-rocketmq/runtime';
import { within } from '../instance/deadline.ts';

/** Counts listener calls that have begun, and lets others wait for their end. */
export class RunningCalls {
  #count = 0;
  #onIdle: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) this.#onIdle?.();
  }

  /** Waits until none runs. @returns false when some still do after `timeoutMs` */
  async drain(clock: Clock, timeoutMs: number): Promise<boolean> {
    if (this.#count === 0 || timeoutMs <= 0) return this.#count === 0;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const late = new Error('late');
    try {
      await within(clock, timeoutMs, idle, () => late);
      return true;
    } catch (error) {
      if (error !== late) throw error;
      return false;
    }
  }
}
