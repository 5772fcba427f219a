import type { MessageExt } from '@nest-rocketmq/client';
import type { Batcher } from './batcher.ts';
import { TimedCall, type HandlerTimeout } from './call-timeout.ts';
import type { MessageContext } from './message-context.ts';
import type { MessageHandler } from './message-handler.ts';
import type { Outcome } from './outcome.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Place } from './slots.ts';

/** A message that is to be one of a batch. */
export interface Waiting {
  readonly message: MessageExt;
  readonly settle: (outcome: Outcome) => void;
}

/** A handler with what its messages wait for. */
export interface Station {
  readonly handler: MessageHandler;
  readonly place: Place | undefined;
  readonly rate: RateLimit | undefined;
  readonly batcher: Batcher<Waiting> | undefined;
}

/** One call of a handler with one message. */
export class HandlerCall extends TimedCall {
  readonly station: Station;
  readonly context: MessageContext;
  readonly settle: (outcome: Outcome) => void;
  /** Whether it was decided what becomes of the message: what the handler does from then on counts no more. */
  isOver = false;
  readonly #onFailure: (call: HandlerCall, error: unknown) => void;

  constructor(
    station: Station,
    context: MessageContext,
    settle: (outcome: Outcome) => void,
    onFailure: (call: HandlerCall, error: unknown) => void,
  ) {
    super();
    this.station = station;
    this.context = context;
    this.settle = settle;
    this.#onFailure = onFailure;
  }

  begin(): Promise<unknown> {
    try {
      return this.station.handler.handle(this.context);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  giveUp(error: HandlerTimeout): void {
    this.#onFailure(this, error);
  }
}
