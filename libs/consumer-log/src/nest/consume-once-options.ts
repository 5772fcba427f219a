import type { MessageContext } from 'nest-rocketmq';

/** Where `@ConsumeOnce()` leaves its options on a handler. */
export const CONSUME_ONCE = Symbol.for('nest-rocketmq.consume-once');

/** How a handler's messages are told apart. */
export interface ConsumeOnceOptions<T = unknown> {
  /**
   * What makes two messages of one group and tag the same. Default: the message's keys; the id that its producer gave it
   * where it has none.
   */
  key?(payload: T, context: MessageContext): string;
}
