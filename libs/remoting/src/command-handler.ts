import type { HeaderView, RemotingCommand } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { ResponseHandler } from './in-flight.ts';

/** Settles a promise with the answer as a command of its own, with an error, or when the caller aborts. */
export class CommandHandler implements ResponseHandler {
  readonly #resolve: (response: RemotingCommand) => void;
  readonly #reject: (error: RocketMQError) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;

  /** @param forget takes the request out of those that wait, when the caller aborts */
  constructor(
    resolve: (response: RemotingCommand) => void,
    reject: (error: RocketMQError) => void,
    signal: AbortSignal | undefined,
    forget: () => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    if (signal === undefined) return;
    this.#onAbort = (): void => {
      forget();
      this.onError(abortedError(signal));
    };
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onResponse(header: HeaderView, buffer: Buffer, bodyStart: number, bodyEnd: number): void {
    this.#unlisten();
    this.#resolve(header.toCommand(Buffer.from(buffer.subarray(bodyStart, bodyEnd))));
  }

  onError(error: RocketMQError): void {
    this.#unlisten();
    this.#reject(error);
  }

  #unlisten(): void {
    if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** What a call fails with when its caller's signal is aborted; the signal's reason is its cause. */
export function abortedError(signal: AbortSignal): RocketMQError {
  return new RocketMQError('ABORTED', 'The caller aborted the call', { cause: signal.reason });
}
