import type { MessageExt } from '@nest-rocketmq/client';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import type { PlannedHandler } from './group-plan.ts';
import type { Handler, HandlerFactory } from './handler-factory.ts';
import { Limiter } from './limiter.ts';
import type { MessageContext } from './message-context.ts';
import { PayloadError } from './outcome.ts';
import { payloadKindOf } from './payload-kind.ts';

/** Gives one handler its messages: converts the payload, keeps the handler's limit, calls it. */
export class MessageHandler {
  readonly plan: PlannedHandler;
  readonly #call: Handler;
  readonly #kind: PayloadKind;
  readonly #converter: MessageConverter;
  readonly #limiter: Limiter | undefined;

  constructor(
    plan: PlannedHandler,
    factory: HandlerFactory,
    converter: MessageConverter,
    groupConcurrency: number,
  ) {
    const { host, method, limit } = plan.declaration;
    this.plan = plan;
    this.#call = factory.create(host, method);
    this.#kind = plan.payload ?? payloadKindOf(Object.getPrototypeOf(host.instance) as object, method);
    this.#converter = plan.converter ?? converter;
    this.#limiter = limit !== undefined && limit < groupConcurrency ? new Limiter(limit) : undefined;
  }

  /** `Class.method`. */
  get name(): string {
    return this.plan.declaration.name;
  }

  /**
   * Resolves with what the handler returned when the message is done; rejects with {@link PayloadError} or with what the
   * handler threw.
   */
  async handle(context: MessageContext): Promise<unknown> {
    const payload = this.#payload(context.message);
    return this.#limiter
      ? this.#limiter.run(() => this.#call(payload, context))
      : this.#call(payload, context);
  }

  #payload(message: MessageExt): unknown {
    if (this.#kind === 'message') return message;
    const contentType = message.properties.get('contentType');
    let bytes = 0;
    try {
      // A body that can't be decompressed, or becomes too large, is as unreadable as one that doesn't parse.
      const { body } = message;
      bytes = body.length;
      return this.#converter.fromBody(body, contentType, this.#kind);
    } catch (error) {
      throw new PayloadError(error, bytes, contentType);
    }
  }
}
