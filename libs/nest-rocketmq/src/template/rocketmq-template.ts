import type { SendResult } from '@nest-rocketmq/client';
import { RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import { joinResults } from './batch.ts';
import type { AnyEvents, BatchOf, DestinationOf, EventOf, PayloadOf } from './events.ts';
import { message, OutgoingMessage } from './events.ts';
import type { MessageHeaders } from './headers.ts';
import { RocketMQOperations } from './rocketmq-operations.ts';
import type { SendOptions } from './send-options.ts';
import { called, type SendCallback } from './template-connection.ts';

export type {
  RequestCallback,
  SendCallback,
  TemplateConnection,
  TemplateProducer,
  TemplatePullConsumer,
} from './template-connection.ts';

/**
 * Sends messages. `send` is the one primitive; the names here are rocketmq-spring's, over it. Where those take a message, an
 * array of messages (`message(payload, headers)`) is a batch, split where it is too large for one request; its result has
 * all ids, joined by commas.
 *
 * @typeParam Events a map of destinations to their payloads; without it any destination takes any payload
 */
export class RocketMQTemplate<Events extends object = AnyEvents> extends RocketMQOperations<Events> {
  /**
   * rocketmq-spring's `syncSend`: `send` with its time-out and delay level by position.
   * @param timeout milliseconds or text; 0: the producer's default
   * @param delayLevel 1..18; 0: at once
   */
  syncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> {
    return this.#sendAny(destination, payload, positional(timeout, delayLevel));
  }

  /** rocketmq-spring's `syncSendOrderly`: messages of one `hashKey` go to one queue, the one Java's template chooses. */
  syncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    hashKey: string,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> {
    return this.#sendAny(destination, payload, { ...positional(timeout, delayLevel), hashKey });
  }

  /** rocketmq-spring's: delivered so many seconds later. By a delay level where one is exactly so long. */
  syncSendDelayTimeSeconds<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    seconds: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { delay: seconds * 1000 });
  }

  /** rocketmq-spring's: delivered so many milliseconds later. By a delay level where one is exactly so long. */
  syncSendDelayTimeMills<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    milliseconds: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { delay: milliseconds });
  }

  /** rocketmq-spring's: delivered at that time, in milliseconds since the epoch. */
  syncSendDeliverTimeMills<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    time: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { deliverAt: time });
  }

  /** rocketmq-spring's `asyncSend`: with a callback nothing is returned, without one it is {@link syncSend}. */
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
  ): Promise<SendResult>;
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    callback: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): void;
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    callback?: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> | void {
    return called(this.syncSend(destination, payload, timeout, delayLevel), callback);
  }

  /** {@link asyncSend} with the queue of a hash key. */
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    hashKey: string,
  ): Promise<SendResult>;
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    hashKey: string,
    callback: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): void;
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    hashKey: string,
    callback?: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> | void {
    return called(this.syncSendOrderly(destination, payload, hashKey, timeout, delayLevel), callback);
  }

  /** `sendOneWay` with the queue of a hash key. */
  sendOneWayOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
  ): void {
    this.sendOneWay(destination, payload, { hashKey });
  }

  /**
   * Spring's: `send` without its result. With a payload alone, to the module's `defaultDestination`; `postProcess` has the last
   * word about payload and headers.
   * @throws RocketMQError `INVALID_ARGUMENT` when there is no destination; otherwise as `send`
   */
  convertAndSend(payload: unknown): Promise<void>;
  convertAndSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: EventOf<Events, D>,
    headers?: MessageHeaders,
    postProcess?: MessagePostProcessor<EventOf<Events, D>>,
  ): Promise<void>;
  async convertAndSend<D extends DestinationOf<Events>>(
    ...given:
      [payload: unknown] | [D, EventOf<Events, D>, MessageHeaders?, MessagePostProcessor<EventOf<Events, D>>?]
  ): Promise<void> {
    if (given.length === 1) {
      // Which payloads the default destination takes no map can know.
      const anywhere: RocketMQOperations = this as unknown as RocketMQOperations;
      await anywhere.send(this.#defaultDestination(), given[0]);
      return;
    }
    const [destination, payload, headers, postProcess] = given;
    const outgoing: OutgoingMessage<EventOf<Events, D>> = message(payload, headers ?? {});
    await this.send(destination, postProcess ? postProcess(outgoing) : outgoing);
  }

  async #sendAny<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D> | BatchOf<Events, D>,
    options: SendOptions,
  ): Promise<SendResult> {
    if (!isBatch(payload)) return this.send(destination, payload as PayloadOf<Events, D>, options);
    return joinResults(await this.sendBatch(destination, payload as BatchOf<Events, D>, options));
  }

  #defaultDestination(): string {
    if (this.defaultDestination !== undefined) return this.defaultDestination;
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      'Nothing says where to send to: give a destination, or RocketMQModule the option defaultDestination',
    );
  }
}

/** Spring's: makes another message of what is about to be sent. */
export type MessagePostProcessor<T> = (message: OutgoingMessage<T>) => OutgoingMessage<T>;

function isBatch(payload: unknown): boolean {
  return Array.isArray(payload) && payload.every((element) => element instanceof OutgoingMessage);
}

/** Spring's trailing arguments, in which 0 or less stands for the default. */
function positional(timeout: Duration | undefined, delayLevel: number | undefined): SendOptions {
  const options: SendOptions = {};
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout <= 0)) options.timeout = timeout;
  if (delayLevel !== undefined && delayLevel > 0) options.delay = { level: delayLevel };
  return options;
}
