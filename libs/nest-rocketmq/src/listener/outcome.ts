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

/** Thrown by a handler: the message is done though nothing was done with it. It is neither repeated nor a dead letter. */
export class DropMessage extends IntrinsicException {
  /** @param reason why, for the log */
  constructor(reason: string) {
    super(reason);
    this.name = 'DropMessage';
  }
}

/** A body that is not what its handler takes: it never will be, so the message goes to the dead letters at once. */
export class PayloadError extends RejectMessage {
  /**
   * @param bytes of the body
   * @param problem what is wrong: it can't be read, or the handler's schema refuses it
   */
  constructor(
    cause: unknown,
    bytes: number,
    contentType: string | undefined,
    problem: "can't be read" | 'is not valid' = "can't be read",
  ) {
    const why = errorText(cause);
    const type = contentType === undefined ? 'no contentType' : `contentType ${contentType}`;
    super(`its payload (${bytes} bytes, ${type}) ${problem}: ${why}`, { cause });
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

/** A message that nothing was done with, because its consumer is about to stop: it comes again, and no try is used up. */
export const LEFT = Symbol('left');

/** What became of a message: done, failed, or left. */
export type Outcome = undefined | typeof LEFT | (Failure & { by: string });

/**
 * What becomes of a message whose handler failed: {@link RejectMessage} and errors that say that the message itself
 * is wrong (HTTP status 400 or 422, as validation pipes throw) or that trying again is of no use (a
 * `NonRetryableMessageError`, as outboxes know it) go to the dead letters, {@link RetryLater} says when, anything else gets
 * the handler's own delay.
 */
export function failureOf(error: unknown, delayLevel: number, attemptsLeft: boolean): Failure {
  const reason = errorText(error);
  if (error instanceof RejectMessage || isMessageWrong(error) || isNonRetryable(error) || !attemptsLeft)
    return { delayLevel: TO_DEAD_LETTERS, reason };
  if (error instanceof RetryLater) return { delayLevel: error.delayLevel, delayMs: error.delayMs, reason };
  return { delayLevel, reason };
}

/** By its name: the class may be of a package that is not installed here. */
function isNonRetryable(error: unknown): boolean {
  return property(error, 'name') === 'NonRetryableMessageError';
}

/** Whether an error says that the message itself is wrong, as validation pipes do: HTTP status 400 or 422. */
export function isMessageWrong(error: unknown): boolean {
  const getStatus = property(error, 'getStatus');
  if (typeof getStatus !== 'function') return false;
  try {
    const status: unknown = getStatus.call(error);
    return status === 400 || status === 422;
  } catch {
    return false;
  }
}

/** Anything can be thrown: also what throws when it is looked at. */
function property(thrown: unknown, name: string): unknown {
  try {
    return (thrown as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
