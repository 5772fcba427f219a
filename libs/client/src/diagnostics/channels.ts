import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import type { Message, MessageExt, MessageQueue, SendResult } from '../message/message.ts';

/** Calls what it is given, in a context of its own, and returns its result. */
export type Around = <T>(call: () => T) => T;

/** What events of all channels have. */
export interface ObservedEvent {
  /**
   * A subscriber that must be around the work itself, to make a context current, adds itself while it is told of the
   * start; the first one is the innermost.
   */
  readonly around: Around[];
  /** Of work that failed. */
  error?: unknown;
}

/** A message on its way out. While subscribers are told of the start they may still give it properties. */
export type ObservedMessage = Message & { properties: Record<string, string> };

/** A send: `tracing:rocketmq.send:*`. */
export interface SendEvent extends ObservedEvent {
  readonly operation: 'send' | 'sendBatch' | 'sendOneway';
  readonly clientId: string | undefined;
  /** Without its namespace. */
  readonly producerGroup: string;
  /** Empty: none. */
  readonly namespace: string;
  /** One; several of a batch. Copies: the application's own are never changed. */
  readonly messages: readonly ObservedMessage[];
  /** Of a send that ended well; none of a one-way send. */
  result?: SendResult | void;
}

/** What becomes of a message after its listener was called. `retry`: it comes again; `dropped`: broadcast messages are not repeated. */
export type ConsumeOutcome = 'consumed' | 'retry' | 'dead-letter' | 'dropped';

/** A call of a push consumer's listener: `tracing:rocketmq.consume:*`. */
export interface ConsumeEvent extends ObservedEvent {
  readonly clientId: string;
  /** Without its namespace. */
  readonly consumerGroup: string;
  /** Empty: none. */
  readonly namespace: string;
  readonly messageModel: 'CLUSTERING' | 'BROADCASTING';
  readonly orderly: boolean;
  readonly messageQueue: MessageQueue;
  readonly messages: readonly MessageExt[];
  /** When the call is over: of each message. */
  outcomes?: readonly ConsumeOutcome[];
}

/** A poll of a pull consumer: `tracing:rocketmq.receive:*`. */
export interface ReceiveEvent extends ObservedEvent {
  readonly clientId: string | undefined;
  /** Without its namespace. */
  readonly consumerGroup: string;
  /** Empty: none. */
  readonly namespace: string;
  /** When the poll is over: its messages, none when none came in time. */
  result?: readonly MessageExt[];
}

/**
 * Told of every send of a producer, by Node's conventions for tracing channels: `start`, `end`, `asyncStart`, `asyncEnd` and
 * `error`. Costs nothing but a question while nobody listens.
 */
export const sendChannel: TracingChannel<unknown, SendEvent> = tracingChannel('rocketmq.send');

/** Told of every call of a push consumer's listener, as {@link sendChannel} is of sends. */
export const consumeChannel: TracingChannel<unknown, ConsumeEvent> = tracingChannel('rocketmq.consume');

/** Told of every poll of a lite pull consumer, as {@link sendChannel} is of sends. */
export const receiveChannel: TracingChannel<unknown, ReceiveEvent> = tracingChannel('rocketmq.receive');

/** Does work that a channel is told of. */
export function observe<Event extends ObservedEvent, Result>(
  channel: TracingChannel<unknown, Event>,
  event: Event,
  work: () => Promise<Result>,
): Promise<Result> {
  // What is around the work is known once the start was told, which is before the function is called.
  const call = (): Promise<Result> =>
    event.around.reduce<() => Promise<Result>>((inner, around) => () => around(inner), work)();
  return channel.tracePromise(call, event);
}
