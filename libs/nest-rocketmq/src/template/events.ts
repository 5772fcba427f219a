import type { MessageHeaders } from './headers.ts';

/** A payload together with its headers, for `send`; made by {@link message}. */
export class OutgoingMessage<T = unknown> {
  readonly payload: T;
  readonly headers: MessageHeaders;

  constructor(payload: T, headers: MessageHeaders) {
    this.payload = payload;
    this.headers = headers;
  }
}

/** A payload with headers: what Spring's `MessageBuilder` makes. */
export function message<T>(payload: T, headers: MessageHeaders = {}): OutgoingMessage<T> {
  return new OutgoingMessage(payload, headers);
}

/** The events of a template that was not given a map of them: any destination, any payload. */
export type AnyEvents = Record<string, unknown>;

/** The destinations a template with this map of events can send to; any, when the map is empty. */
export type DestinationOf<Events extends object> = [keyof Events] extends [never]
  ? string
  : keyof Events & string;

declare const EXCHANGE: unique symbol;

/** In a map of events: a destination whose messages of type `Question` are answered with a `Reply`. */
export interface Request<Question, Reply> {
  readonly [EXCHANGE]: { question: Question; reply: Reply };
}

/** What belongs to a destination in a map of events; of a {@link Request}, its question. */
export type EventOf<Events extends object, D extends string> = D extends keyof Events
  ? [Events[D]] extends [Request<infer Question, unknown>]
    ? Question
    : Events[D]
  : unknown;

/** What the messages of a destination are answered with; unknown when its map doesn't say. */
export type ReplyOf<Events extends object, D extends string> = D extends keyof Events
  ? [Events[D]] extends [Request<unknown, infer Reply>]
    ? Reply
    : unknown
  : unknown;

/** Messages that are sent to a destination as a batch. */
export type BatchOf<Events extends object, D extends string> = readonly OutgoingMessage<EventOf<Events, D>>[];

/** What can be sent to a destination: its payload, or that with headers. */
export type PayloadOf<Events extends object, D extends string> =
  EventOf<Events, D> | OutgoingMessage<EventOf<Events, D>>;
