import type { ReceivedMessage } from '../message/received-message.ts';
import type { ProcessQueue } from './process-queue.ts';

/** Hands pulled messages to the listener of a push consumer, and settles them by what it says. */
export interface ConsumeService {
  /** Listener calls that have begun. */
  readonly running: number;
  /** Takes pulled messages; they are in their process queue already. */
  submit(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void;
  /**
   * Begins no further call and waits for those that have begun.
   * @returns false when some of them still run after `timeoutMs`; their results don't count then
   */
  stop(timeoutMs: number): Promise<boolean>;
  /** The `concurrency` of the group's settings is another one from now on. */
  resized(): void;
  /** Gives back what is being consumed for longer than the consume time-out, so that it holds its queue no longer. */
  returnStuck(queue: ProcessQueue): Promise<void>;
  /** Resolves when no call with messages of a queue runs. */
  idle(queue: ProcessQueue): Promise<void>;
}
