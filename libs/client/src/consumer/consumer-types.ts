import type { MessageExt, MessageQueue } from '../message/message.ts';

/** What a listener makes of the messages it was given. */
export const ConsumeConcurrentlyStatus = {
  CONSUME_SUCCESS: 'CONSUME_SUCCESS',
  /** Again, after the broker's back-off or the context's delay level. */
  RECONSUME_LATER: 'RECONSUME_LATER',
} as const;
export type ConsumeConcurrentlyStatus =
  (typeof ConsumeConcurrentlyStatus)[keyof typeof ConsumeConcurrentlyStatus];

/** Whether the members of a group share the messages or each gets all. */
export const MessageModel = { CLUSTERING: 'CLUSTERING', BROADCASTING: 'BROADCASTING' } as const;
export type MessageModel = (typeof MessageModel)[keyof typeof MessageModel];

/** Where a group begins with a queue it has no offset of. */
export const ConsumeFromWhere = {
  CONSUME_FROM_LAST_OFFSET: 'CONSUME_FROM_LAST_OFFSET',
  CONSUME_FROM_FIRST_OFFSET: 'CONSUME_FROM_FIRST_OFFSET',
  CONSUME_FROM_TIMESTAMP: 'CONSUME_FROM_TIMESTAMP',
} as const;
export type ConsumeFromWhere = (typeof ConsumeFromWhere)[keyof typeof ConsumeFromWhere];

/** How one message of a call is to go on when it was not consumed. */
export interface Redelivery {
  /** 0: the broker's back-off; 1..18: a delay level; -1: the dead letters. */
  delayLevel: number;
  /** Further properties of the message when it comes again, or in the dead letters. */
  properties?: Readonly<Record<string, string>>;
}

/** What a listener knows beside its messages, and can say beside its status. */
export class ConsumeConcurrentlyContext {
  readonly messageQueue: MessageQueue;
  /** For messages that come again: 0 leaves it to the broker, 1..18 is a delay level, -1 the dead letters. */
  delayLevelWhenNextConsume = 0;
  /** With CONSUME_SUCCESS: messages after this index were not consumed. Default: all were. */
  ackIndex = Number.MAX_SAFE_INTEGER;
  readonly #redeliveries = new Map<number, Redelivery>();

  constructor(messageQueue: MessageQueue) {
    this.messageQueue = messageQueue;
  }

  /** With CONSUME_SUCCESS: has one message of the call come again; the others are done. */
  retry(index: number, delayLevel = 0): void {
    this.#redeliveries.set(index, { delayLevel });
  }

  /** With CONSUME_SUCCESS: puts one message of the call to the dead letters, with properties that say why. */
  reject(index: number, properties?: Readonly<Record<string, string>>): void {
    this.#redeliveries.set(index, { delayLevel: -1, ...(properties ? { properties } : {}) });
  }

  /** What {@link retry} and {@link reject} were told, by the index of the message. */
  get redeliveries(): ReadonlyMap<number, Redelivery> {
    return this.#redeliveries;
  }
}

/**
 * Consumes messages: up to `consumeMessageBatchMaxSize` of one queue a call. Returning nothing means success; throwing
 * means RECONSUME_LATER.
 */
export type MessageListenerConcurrently = (
  messages: MessageExt[],
  context: ConsumeConcurrentlyContext,
) => Promise<ConsumeConcurrentlyStatus | void> | ConsumeConcurrentlyStatus | void;
