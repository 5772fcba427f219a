import { ANSWERS, type AnswerCode } from './answer-codes.ts';

/** What every HTTP request of the shop is answered with. */
export interface Answer<T = unknown> {
  readonly success: boolean;
  readonly code: AnswerCode;
  readonly message: string;
  readonly data?: T;
}

/** The answer of a request that was done. */
export function success<T>(data: T): Answer<T> {
  return { success: true, code: 'SUCCESS', message: ANSWERS.SUCCESS.message, data };
}

/** Why the shop does not do what it was asked: one of the codes. Other services and HTTP clients get it as it is. */
export class ShopError extends Error {
  override readonly name = 'ShopError';
  readonly code: AnswerCode;
  /** What else the client may want to know: the id of the order that was cancelled, say. */
  readonly data: unknown;

  constructor(code: AnswerCode, message: string = ANSWERS[code].message, options: ShopErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }

  /** The HTTP status of its code. */
  get status(): number {
    return ANSWERS[this.code].status;
  }

  /** As an answer. */
  toAnswer(): Answer {
    const { code, message, data } = this;
    return { success: false, code, message, ...(data === undefined ? {} : { data }) };
  }
}

interface ShopErrorOptions {
  readonly cause?: unknown;
  readonly data?: unknown;
}
