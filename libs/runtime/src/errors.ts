const BRAND = Symbol.for('nest-rocketmq.error');

/** What can go wrong, as stable codes to test for; the message is for people. */
export type RocketMQErrorCode =
  /** The caller passed something that can never work: a bad topic name, a body that is too large. */
  | 'INVALID_ARGUMENT'
  /** An option or a configuration file is wrong. */
  | 'INVALID_CONFIG'
  /** Called before `start()` or after `shutdown()`. */
  | 'WRONG_STATE'
  /** The peer could not be reached. */
  | 'CONNECT_FAILED'
  /** The connection went away before the answer came. */
  | 'CONNECTION_CLOSED'
  /** No answer within the time-out. */
  | 'TIMEOUT'
  /** Too much is in flight already. */
  | 'OVERLOADED'
  /** The peer sent something that is not RocketMQ's protocol. */
  | 'PROTOCOL'
  /** The peer answered with a response code other than success. */
  | 'REMOTE'
  /** No NameServer knows the topic. */
  | 'NO_ROUTE'
  /** The route names no broker that can serve the request. */
  | 'NO_BROKER'
  /** The caller's AbortSignal was aborted. */
  | 'ABORTED'
  /** The store cannot go on: a failed write, a damaged or locked directory. */
  | 'STORE';

export interface RocketMQErrorOptions {
  cause?: unknown;
  /** RocketMQ's response code, where a peer answered one or where Java's client would raise one. */
  responseCode?: number;
  /** The peer's `host:port`. */
  address?: string;
}

/**
 * The base of all errors of nest-rocketmq. The message says what happened, where, and what to do about it.
 * `instanceof` holds across duplicated copies of this package.
 */
export class RocketMQError extends Error {
  readonly code: RocketMQErrorCode;
  readonly responseCode: number | undefined;
  readonly address: string | undefined;

  constructor(code: RocketMQErrorCode, message: string, options: RocketMQErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.responseCode = options.responseCode;
    this.address = options.address;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether it is one, of whichever copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass keeps the ordinary meaning; the base recognises any copy of itself by the brand.
    if (this !== RocketMQError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
