import { errorText } from '../error-text.ts';
import { IntrinsicException } from '@nestjs/common';
import { delayLevelAtLeast, delayLevelMs, parseDelay, type Delay } from '../template/delay.ts';

/** RocketMQ's delay level for "to the dead letters, now" when a message is sent back. */
export const TO_DEAD_LETTERS = -1;

/**
 * Thrown by a handler: the message comes again after this time. It costs one of the message's retries like any other
 * failure. Nest doesn't log it as an unhandled exception.
 */
export class RetryLater extends IntrinsicException {
  /** The broker's delay level, 1..18. */
  readonly delayLevel: number;
  /** The time itself, in milliseconds: what a queue that is consumed in order waits, 30 s at most. */
  readonly delayMs: number;

  /**
   * @param delay a duration, of which the shortest delay level that is at least so long is taken (2 h at most), or
   * `{ level: 3 }`
   * @throws RocketMQError `INVALID_ARGUMENT` when it is neither
   */
  constructor(delay: Delay, reason?: string) {
    const parsed = parseDelay(delay);
    const level = 'level' in parsed ? parsed.level : delayLevelAtLeast(parsed.ms);
    super(reason ?? `retry later: ${typeof delay === 'object' ? `delay level ${delay.level}` : delay}`);
    this.name = 'RetryLater';
    this.delayLevel = level;
    this.delayMs = 'ms' in parsed ? parsed.ms : delayLevelMs(level);
  }
}

/** Thrown by a handler: the message goes to the dead letters (`%DLQ%group`) now, without further retries. */
export class RejectMessage extends IntrinsicException {
  /** @param reason why, for the log */
  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason);
    this.name = 'RejectMessage';
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

/** A body that is not what its handler takes: it never will be, so the message goes to the dead letters at once. */
export class PayloadError extends RejectMessage {
  constructor(cause: unknown, bytes: number, contentType: string | undefined) {
    const why = errorText(cause);
    const type = contentType === undefined ? 'no contentType' : `contentType ${contentType}`;
    super(`its payload (${bytes} bytes, ${type}) can't be read: ${why}`, { cause });
    this.name = 'PayloadError';
  }
}

/** How RocketMQ is told that a message failed. */
export interface Failure {
  /** 0: the broker's back-off; 1..18: that level; -1: to the dead letters. */
  delayLevel: number;
  /** How long a queue that is consumed in order waits, in milliseconds; undefined: as its group says. */
  delayMs?: number;
  reason: string;
}

/**
 * What becomes of a message whose handler failed: {@link RejectMessage} and errors that say that the message itself
 * is wrong (HTTP status 400 or 422, as validation pipes throw) go to the dead letters, {@link RetryLater} says when,
 * anything else gets the handler's own delay.
 */
export function failureOf(error: unknown, delayLevel: number, attemptsLeft: boolean): Failure {
  const reason = errorText(error);
  if (error instanceof RejectMessage || isMessageWrong(error) || !attemptsLeft)
    return { delayLevel: TO_DEAD_LETTERS, reason };
  if (error instanceof RetryLater) return { delayLevel: error.delayLevel, delayMs: error.delayMs, reason };
  return { delayLevel, reason };
}

/** Whether an error says that the message itself is wrong, as validation pipes do: HTTP status 400 or 422. */
export function isMessageWrong(error: unknown): boolean {
  const getStatus = (error as { getStatus?: unknown } | null | undefined)?.getStatus;
  if (typeof getStatus !== 'function') return false;
  const status: unknown = getStatus.call(error);
  return status === 400 || status === 422;
}
