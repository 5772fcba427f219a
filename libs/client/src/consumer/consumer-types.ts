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

/** Of a call whose messages are all done, or all not: no map is made for it. */
const NO_REDELIVERIES: ReadonlyMap<number, Redelivery> = new Map();

/** What a listener knows beside its messages, and can say beside its status. */
export class ConsumeConcurrentlyContext {
  readonly messageQueue: MessageQueue;
  /** For messages that come again: 0 leaves it to the broker, 1..18 is a delay level, -1 the dead letters. */
  delayLevelWhenNextConsume = 0;
  /** With CONSUME_SUCCESS: messages after this index were not consumed. Default: all were. */
  ackIndex = Number.MAX_SAFE_INTEGER;
  #redeliveries: Map<number, Redelivery> | undefined;
  #left = false;
  #deferred = false;
  #status: ConsumeConcurrentlyStatus | undefined;
  #onDone: ((status: ConsumeConcurrentlyStatus) => void) | undefined;

  constructor(messageQueue: MessageQueue) {
    this.messageQueue = messageQueue;
  }

  /**
   * Says that the call is not over when the listener returns, but when {@link done} is called: for a listener that has no
   * promise to return, or is done before what it began ends. A promise that it returns nevertheless is waited for first.
   */
  defer(): void {
    this.#deferred = true;
  }

  /** Ends a call that was deferred; only the first time counts. */
  done(status: ConsumeConcurrentlyStatus = ConsumeConcurrentlyStatus.CONSUME_SUCCESS): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#onDone?.(status);
  }

  /**
   * Tells how the call ended, once it has: at once unless it was deferred.
   * @param returned what the listener returned, or its promise resolved with
   */
  whenDone(
    returned: ConsumeConcurrentlyStatus | void,
    tell: (status: ConsumeConcurrentlyStatus) => void,
  ): void {
    const status = returned ?? this.#status;
    if (status === undefined && this.#deferred) this.#onDone = tell;
    else tell(status ?? ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
  }

  /** With CONSUME_SUCCESS: has one message of the call come again; the others are done. */
  retry(index: number, delayLevel = 0): void {
    this.#redeliver(index, { delayLevel });
  }

  /** With CONSUME_SUCCESS: puts one message of the call to the dead letters, with properties that say why. */
  reject(index: number, properties?: Readonly<Record<string, string>>): void {
    this.#redeliver(index, { delayLevel: -1, ...(properties ? { properties } : {}) });
  }

  /**
   * Says that nothing was done with the messages of this call, as the consumer is about to stop, or their queue is another
   * member's: they are neither consumed nor failed, and come again to whoever goes on with their queue; to this consumer after
   * 5 s, when it is this one.
   */
  leave(): void {
    this.#left = true;
  }

  /** Whether {@link leave} was called. */
  get left(): boolean {
    return this.#left;
  }

  /** What {@link retry} and {@link reject} were told, by the index of the message. */
  get redeliveries(): ReadonlyMap<number, Redelivery> {
    return this.#redeliveries ?? NO_REDELIVERIES;
  }

  #redeliver(index: number, redelivery: Redelivery): void {
    this.#redeliveries ??= new Map();
    this.#redeliveries.set(index, redelivery);
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

/** Calls a listener, and waits until the call is over. Rejects with what the listener fails with. */
export async function callConcurrently(
  listener: MessageListenerConcurrently,
  messages: MessageExt[],
  context: ConsumeConcurrentlyContext,
): Promise<ConsumeConcurrentlyStatus> {
  const returned = await listener(messages, context);
  return new Promise((resolve) => context.whenDone(returned, resolve));
}

/** What an ordered listener makes of the messages it was given. */
export const ConsumeOrderlyStatus = {
  SUCCESS: 'SUCCESS',
  /** The same messages again after a moment; nothing of their queue is consumed before. */
  SUSPEND_CURRENT_QUEUE_A_MOMENT: 'SUSPEND_CURRENT_QUEUE_A_MOMENT',
  /** Without `autoCommit`: all since the last commit is done. */
  COMMIT: 'COMMIT',
  /** Without `autoCommit`: all since the last commit again, after a moment. */
  ROLLBACK: 'ROLLBACK',
} as const;
export type ConsumeOrderlyStatus = (typeof ConsumeOrderlyStatus)[keyof typeof ConsumeOrderlyStatus];

/** What an ordered listener knows beside its messages, and can say beside its status. */
export class ConsumeOrderlyContext {
  readonly messageQueue: MessageQueue;
  /** Whether SUCCESS is final. Without it messages are held, and counted as pulled, until COMMIT or ROLLBACK. */
  autoCommit = true;
  /** How long the queue waits after SUSPEND or ROLLBACK, in milliseconds, 10..30 000; -1: as the consumer says. */
  suspendCurrentQueueTimeMillis = -1;
  readonly #rejected = new Map<number, Readonly<Record<string, string>>>();
  #left = false;

  constructor(messageQueue: MessageQueue) {
    this.messageQueue = messageQueue;
  }

  /** With SUCCESS: puts one message of the call to the dead letters, with properties that say why. */
  reject(index: number, properties: Readonly<Record<string, string>> = {}): void {
    this.#rejected.set(index, properties);
  }

  /** As of {@link ConsumeConcurrentlyContext.leave}: no try of theirs is used up. */
  leave(): void {
    this.#left = true;
  }

  /** Whether {@link leave} was called. */
  get left(): boolean {
    return this.#left;
  }

  /** What {@link reject} was told, by the index of the message. */
  get rejected(): ReadonlyMap<number, Readonly<Record<string, string>>> {
    return this.#rejected;
  }
}

/**
 * Consumes messages in the order of their queue, one call of a queue at a time. Returning nothing means SUCCESS;
 * throwing means SUSPEND_CURRENT_QUEUE_A_MOMENT.
 */
export type MessageListenerOrderly = (
  messages: MessageExt[],
  context: ConsumeOrderlyContext,
) => Promise<ConsumeOrderlyStatus | void> | ConsumeOrderlyStatus | void;

/** Who consumes the messages of a push consumer, and how. */
export type PushListener =
  { orderly: false; listen: MessageListenerConcurrently } | { orderly: true; listen: MessageListenerOrderly };
