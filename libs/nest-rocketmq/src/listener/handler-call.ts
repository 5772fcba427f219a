import type { MessageExt } from '@nest-rocketmq/client';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Batcher } from './batcher.ts';
import { TimedCall, type HandlerTimeout } from './call-timeout.ts';
import type { DirectCall } from './direct-call.ts';
import type { MessageContext } from './message-context.ts';
import type { MessageHandler } from './message-handler.ts';
import type { Outcome } from './outcome.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Place } from './slots.ts';

/** Who is told what became of a message, once. */
export interface Receipt {
  settle(outcome: Outcome): void;
}

/** A message that is to be one of a batch. */
export interface Waiting {
  readonly message: MessageExt;
  readonly receipt: Receipt;
}

/** A handler with what its messages wait for. */
export interface Station {
  readonly handler: MessageHandler;
  readonly place: Place | undefined;
  readonly rate: RateLimit | undefined;
  readonly batcher: Batcher<Waiting> | undefined;
  readonly owner: CallOwner;
}

/** Who is told how a call ended: once, and not of one that was given up before. */
export interface CallOwner {
  onReturn(call: HandlerCall, returned: unknown): void;
  onFailure(call: HandlerCall, error: unknown): void;
}

/** One call of a handler with one message. Every message has one: it is small. */
export class HandlerCall extends TimedCall {
  readonly station: Station;
  readonly context: MessageContext;
  readonly receipt: Receipt;
  /** Whether it was decided what becomes of the message: what the handler does from then on counts no more. */
  #isOver = false;

  constructor(station: Station, context: MessageContext, receipt: Receipt) {
    super();
    this.station = station;
    this.context = context;
    this.receipt = receipt;
  }

  begin(): void {
    const { handler } = this.station;
    const { direct } = handler;
    let payload: unknown;
    try {
      if (!direct) {
        this.#follow(handler.handle(this.context));
        return;
      }
      payload = handler.payloadOf(this.context.message);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#call(direct, payload);
  }

  giveUp(error: HandlerTimeout): void {
    this.#fail(error);
  }

  #call(direct: DirectCall, payload: unknown): void {
    let returned: unknown;
    try {
      returned = direct.call(payload, this.context);
    } catch (error) {
      this.#filter(direct, payload, error);
      return;
    }
    const promise =
      returned instanceof Promise ? returned : isThenable(returned) ? Promise.resolve(returned) : undefined;
    if (promise === undefined) {
      this.#end(direct, payload, returned);
      return;
    }
    promise.then(
      (value) => this.#end(direct, payload, value),
      (error: unknown) => this.#filter(direct, payload, error),
    );
  }

  /** Of what a method itself returned: an observable goes on, and may still fail. */
  #end(direct: DirectCall, payload: unknown, returned: unknown): void {
    if (returned === undefined || !isObservable(returned)) {
      this.#return(returned);
      return;
    }
    lastValueFrom(returned).then(
      (value) => this.#return(value),
      (error: unknown) => this.#filter(direct, payload, error),
    );
  }

  #filter(direct: DirectCall, payload: unknown, error: unknown): void {
    this.#follow(direct.filter(error, payload, this.context));
  }

  #follow(calling: Promise<unknown>): void {
    calling.then(
      (returned) => this.#return(returned),
      (error: unknown) => this.#fail(error),
    );
  }

  #return(returned: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.station.owner.onReturn(this, returned);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.station.owner.onFailure(this, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const may = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return may && 'then' in value && typeof value.then === 'function';
}
