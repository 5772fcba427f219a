import type { MessageExt } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Delay } from '../template/delay.ts';
import { DropMessage, RejectMessage, RetryLater } from './outcome.ts';

/**
 * What a batch handler knows of its messages beside their payloads, and says of single ones. What it says nothing of is
 * done when it returns, and comes again when it throws. Also the `REQUEST` of request-scoped providers.
 */
export class BatchContext {
  /** The messages, by the index of their payloads. */
  readonly messages: readonly MessageExt[];
  readonly consumerGroup: string;
  /** The name of the connection they came from. */
  readonly connection: string;
  /** The handler, as `Class.method`. */
  readonly handler: string;
  readonly #outcomes = new Map<number, { readonly error: unknown } | undefined>();

  constructor(messages: readonly MessageExt[], consumerGroup: string, connection: string, handler: string) {
    this.messages = messages;
    this.consumerGroup = consumerGroup;
    this.connection = connection;
    this.handler = handler;
  }

  /** How many there are. */
  get size(): number {
    return this.messages.length;
  }

  /** The keys of each message. */
  get keys(): readonly (readonly string[])[] {
    return this.messages.map(({ keys }) => keys);
  }

  /** One message is done, whatever becomes of the others. @throws RocketMQError `INVALID_ARGUMENT` when there is none of that index */
  ack(index: number): void {
    this.#set(index, undefined);
  }

  /** One message comes again: after `delay` as of {@link RetryLater}, or with the handler's own back-off. */
  retry(index: number, delay?: Delay, reason = 'the handler asks for it'): void {
    this.#set(index, { error: delay === undefined ? new Error(reason) : new RetryLater(delay, reason) });
  }

  /** One message goes to the dead letters now. */
  reject(index: number, reason: string): void {
    this.#set(index, { error: new RejectMessage(reason) });
  }

  /** One message is done without having been handled. */
  drop(index: number, reason: string): void {
    this.#set(index, { error: new DropMessage(reason) });
  }

  /** @internal What was said of a message, whose `failed` is undefined when it is done; undefined when nothing was said. */
  outcomeOf(index: number): { readonly failed: { readonly error: unknown } | undefined } | undefined {
    return this.#outcomes.has(index) ? { failed: this.#outcomes.get(index) } : undefined;
  }

  #set(index: number, failed: { readonly error: unknown } | undefined): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.messages.length) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `There is no message ${index} in this batch: it has ${this.messages.length}`,
      );
    }
    this.#outcomes.set(index, failed);
  }
}
