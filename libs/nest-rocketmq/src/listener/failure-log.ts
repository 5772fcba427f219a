import type { MessageExt } from '@nest-rocketmq/client';
import { printable, type Logger } from '@nest-rocketmq/runtime';
import { TO_DEAD_LETTERS } from './outcome.ts';

/** What one line says of a message that was not handled. */
export interface FailureLine {
  readonly message: MessageExt;
  /** The handler. */
  readonly who: string;
  readonly reason: string;
  /** What becomes of the message: a delay level, or that it is dropped. */
  readonly next: number | 'dropped';
  /** Nobody else says it: an error of a handler is logged by Nest's own filter, with its stack. */
  readonly alone?: boolean;
}

/** One line for each failure, without the payload; at error level only where nobody else says it. */
export class FailureLog {
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #group: string;
  readonly #broadcasting: boolean;

  constructor(logger: Pick<Logger, 'warn' | 'error'>, group: string, broadcasting: boolean) {
    this.#logger = logger;
    this.#group = group;
    this.#broadcasting = broadcasting;
  }

  write({ message, who, reason, next, alone = false }: FailureLine): void {
    const what = message.tags === undefined ? message.topic : `${message.topic}:${printable(message.tags)}`;
    const line = `${who}: message ${message.msgId} of ${what}, attempt ${message.reconsumeTimes + 1}, ${this.#becomes(next)}: ${printable(reason)}`;
    if (alone) this.#logger.error(line);
    else this.#logger.warn(line);
  }

  #becomes(next: FailureLine['next']): string {
    if (next === 'dropped') return 'is dropped';
    if (this.#broadcasting) return 'broadcast messages are not repeated';
    return next === TO_DEAD_LETTERS ? `goes to %DLQ%${this.#group}` : 'comes again';
  }
}
