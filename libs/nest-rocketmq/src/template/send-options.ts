import type { Message, MessageQueue } from '@nest-rocketmq/client';
import type { Duration } from '@nest-rocketmq/runtime';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import type { Delay } from './delay.ts';
import type { MessageHeaders } from './headers.ts';

/** Chooses one of the topic's writable queues. */
export type QueueSelector = (
  queues: readonly MessageQueue[],
  message: Message,
  hashKey: string | undefined,
) => MessageQueue;

/**
 * A queue of the destination's topic: by its id at the first broker that has it, or at the broker that is named, or what a
 * function chooses.
 */
export type QueueChoice = number | Pick<MessageQueue, 'brokerName' | 'queueId'> | QueueSelector;

/** How to send one message, or the messages of one batch. */
export interface SendOptions {
  /** The tag, in place of the destination's `:tag`. */
  tag?: string;
  /** Business keys, to find the message by. */
  keys?: string | readonly string[];
  /** User properties, besides those of `message(payload, headers)`; these win. */
  headers?: MessageHeaders;
  /** Messages of the same key go to the same queue, so that they keep their order. A send with it is not repeated elsewhere. */
  hashKey?: string;
  /** This queue and no other. With a function also a `hashKey` may be given, which is handed to it. */
  queue?: QueueChoice;
  /**
   * Deliver so much later: by the broker's delay level that is exactly so long, else by a timer. A broker before 5.0 has none:
   * the send is refused then, and the error says which levels there are.
   */
  delay?: Delay;
  /** Deliver at this time (milliseconds since the epoch), by a timer (5.x brokers). */
  deliverAt?: Date | number;
  /**
   * Whether the delayed message may have to be taken back: then it waits for a timer, never on a delay level, and the result
   * has a `recallHandle` for `recall` (brokers from 5.3.2 with `recallMessageEnable`). Default false.
   */
  recallable?: boolean;
  /** For all attempts together. Default: the module's `producer.sendMessageTimeout`, 3 s. */
  timeout?: Duration;
  /** Attempts after the first that failed. Default: the module's `producer.retryTimesWhenSendFailed`, 2. */
  retries?: number;
  /** Whether the broker answers only when the message is as safe as it is configured to make it. Default true. */
  waitStore?: boolean;
  /** In place of the module's converter. */
  converter?: MessageConverter;
  /** Gives the send up. The message may have been stored all the same. */
  signal?: AbortSignal;
}

/** How to recall one message. */
export interface RecallOptions {
  /** Default: the module's `producer.sendMessageTimeout`, 3 s. */
  timeout?: Duration;
  /** Gives up waiting. The message may have been taken back all the same. */
  signal?: AbortSignal;
}

/** How to send one request. Its `timeout` is for sending it and waiting for the reply together. */
export interface RequestOptions extends SendOptions {
  /** How the reply's body is read. Default `auto`: by its `contentType`, JSON where there is none. */
  replyType?: PayloadKind;
}
