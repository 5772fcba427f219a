import { contentTypeOf, type MessageExt } from '@nest-rocketmq/client';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import type { DirectCall } from './direct-call.ts';
import type { PlannedHandler } from './group-plan.ts';
import type { Handler, HandlerFactory } from './handler-factory.ts';
import type { MessageContext } from './message-context.ts';
import { PayloadError } from './outcome.ts';
import { payloadKindOf } from './payload-kind.ts';
import { SchemaError, validate } from './standard-schema.ts';

/** One handler: makes payloads of messages, and calls it. */
export class MessageHandler {
  readonly plan: PlannedHandler;
  /** `Class.method`. */
  readonly name: string;
  /** Calls it, through everything that Nest has around it. */
  readonly call: Handler;
  /** The same, where there is nothing around it; undefined where there is, or the payload is validated first. */
  readonly direct: DirectCall | undefined;
  /** What is told when a message goes to the dead letters; undefined where nobody is. */
  readonly onLastAttempt: Handler | undefined;
  readonly #kind: PayloadKind;
  readonly #converter: MessageConverter;

  constructor(plan: PlannedHandler, factory: HandlerFactory, converter: MessageConverter) {
    const { host, method } = plan.declaration;
    this.plan = plan;
    this.name = plan.declaration.name;
    const { handle, direct } = factory.create(host, method);
    this.call = handle;
    this.direct = plan.schema ? undefined : direct;
    this.onLastAttempt =
      plan.onLastAttempt === undefined ? undefined : factory.create(host, plan.onLastAttempt).handle;
    const prototype = Object.getPrototypeOf(host.instance) as object;
    // Of a batch the parameter is an array, which says nothing of what it holds.
    this.#kind = plan.payload ?? (plan.batch ? 'auto' : payloadKindOf(prototype, method));
    this.#converter = plan.converter ?? converter;
  }

  /**
   * Resolves with what the handler returned when the message is done; rejects with {@link PayloadError} or with what the
   * handler threw.
   * @throws PayloadError when the body is not what the handler takes
   */
  handle(context: MessageContext): Promise<unknown> {
    const payload = this.payloadOf(context.message);
    return this.plan.schema ? this.#handleValid(payload, context) : this.call(payload, context);
  }

  /** @throws PayloadError when the body is not what the handler takes */
  payloadOf(message: MessageExt): unknown {
    if (this.#kind === 'message') return message;
    const contentType = contentTypeOf(message);
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

  async #handleValid(payload: unknown, context: MessageContext): Promise<unknown> {
    return this.call(await this.#validated(payload, context.message), context);
  }

  async #validated(payload: unknown, message: MessageExt): Promise<unknown> {
    try {
      return this.plan.schema ? await validate(this.plan.schema, payload) : payload;
    } catch (error) {
      throw error instanceof SchemaError ? invalidPayload(error, message) : error;
    }
  }
}

/** What becomes of a message whose payload its handler's schema refuses. */
export function invalidPayload(error: SchemaError, message: MessageExt): PayloadError {
  return new PayloadError(error, message.body.length, message.properties.get('contentType'), 'is not valid');
}
