import { isObservable, lastValueFrom } from 'rxjs';
import { isRequest, type MessageExt } from '@nest-rocketmq/client';
import { printable } from '@nest-rocketmq/runtime';
import { errorText } from '../error-text.ts';
import { failureChannel, type FailureEvent } from '../listener/failure-channel.ts';
import { MessageContext } from '../listener/message-context.ts';
import { failureOf, PayloadError, RetryLater, TO_DEAD_LETTERS, type Failure } from '../listener/outcome.ts';
import type { Routes } from '../listener/subscription.ts';
import type { RocketMQConnection } from '../module/connection.ts';
import type { PatternHandler } from './pattern-routes.ts';
import { errorReply, valueReply } from './reply-packet.ts';
import { RocketMQContext } from './rocketmq-context.ts';

/** What a group's messages are handed out with. */
export interface DispatchParts {
  readonly connection: RocketMQConnection;
  readonly consumerGroup: string;
  readonly routes: Routes<PatternHandler>;
  readonly maxReconsumeTimes: number;
  readonly delayLevel: number;
  /** Runs a handler within Nest's hooks. */
  readonly within: <T>(context: RocketMQContext, work: () => Promise<T>) => Promise<T>;
}

/** Hands the messages of one consumer group to the handlers of Nest's patterns. */
export class MessageDispatch {
  readonly #parts: DispatchParts;
  #running = 0;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Handlers that run at the moment. */
  get running(): number {
    return this.#running;
  }

  /** @returns what is to become of the message when it was not handled */
  async handle(message: MessageExt): Promise<(Failure & { by: string }) | undefined> {
    const { connection, consumerGroup, routes, maxReconsumeTimes, delayLevel } = this.#parts;
    const found = routes.find(message);
    if (!found) {
      const reason = 'no pattern takes it: it may be meant for another version of this application';
      this.#warn(message, consumerGroup, reason);
      return { delayLevel: 0, reason, by: consumerGroup };
    }
    const { pattern, handle } = found;
    const asked = handle.isEventHandler !== true && isRequest(message);
    this.#running++;
    try {
      const context = new MessageContext(message, consumerGroup, connection.name, pattern);
      const value = await this.#call(handle, context);
      if (asked) await this.#reply(message, () => valueReply(value, connection.converter), pattern);
      return undefined;
    } catch (error) {
      if (failureChannel.hasSubscribers) {
        failureChannel.publish({
          message,
          connection: connection.name,
          consumerGroup,
          handler: pattern,
          error,
        } satisfies FailureEvent);
      }
      // Who asked is told, and would not be helped by another attempt; only a handler that wants one gets it.
      if (asked && !(error instanceof RetryLater)) {
        await this.#reply(message, () => errorReply(error), pattern);
        return undefined;
      }
      const failure = failureOf(reasonable(error), delayLevel, message.reconsumeTimes < maxReconsumeTimes);
      this.#warn(message, pattern, failure.reason, failure.delayLevel);
      return { ...failure, by: pattern };
    } finally {
      this.#running--;
    }
  }

  async #call(handle: PatternHandler['handle'], context: MessageContext): Promise<unknown> {
    const payload = this.#payload(context.message);
    const rpc = new RocketMQContext([context]);
    return this.#parts.within(rpc, async () => {
      const returned: unknown = await handle(payload, rpc);
      // There is one reply to a request: the last value, as for HTTP.
      return isObservable(returned) ? lastValueFrom(returned, { defaultValue: undefined }) : returned;
    });
  }

  #payload(message: MessageExt): unknown {
    const contentType = message.properties.get('contentType');
    let bytes = 0;
    try {
      const { body } = message;
      bytes = body.length;
      return this.#parts.connection.converter.fromBody(body, contentType, 'auto');
    } catch (error) {
      throw new PayloadError(error, bytes, contentType);
    }
  }

  async #reply(
    message: MessageExt,
    make: () => ReturnType<typeof errorReply>,
    pattern: string,
  ): Promise<void> {
    const { producer, logger } = this.#parts.connection;
    try {
      await producer.reply(message, make());
    } catch (error) {
      // The work is done, and doing it again would not bring its requester back.
      logger.error(`${pattern}: the reply to message ${message.msgId} did not reach its requester`, error);
    }
  }

  #warn(message: MessageExt, who: string, reason: string, delayLevel = 0): void {
    const { connection, consumerGroup } = this.#parts;
    const what = message.tags === undefined ? message.topic : `${message.topic}:${printable(message.tags)}`;
    const next = delayLevel === TO_DEAD_LETTERS ? `goes to %DLQ%${consumerGroup}` : 'comes again';
    connection.logger.warn(
      `${who}: message ${message.msgId} of ${what}, attempt ${message.reconsumeTimes + 1}, ${next}: ${printable(reason)}`,
    );
  }
}

/** Nest's filters make plain objects of errors; their message is the reason. */
function reasonable(error: unknown): unknown {
  return error instanceof Error || typeof error !== 'object'
    ? error
    : Object.assign(new Error(errorText(error)), error);
}
