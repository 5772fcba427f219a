import type { Message, MessageExt, MessageQueue, SendResult } from '../message/message.ts';
import type { ConsumeReturnType } from './trace-data.ts';

/** A send, as hooks see it (`SendMessageContext`). */
export interface SendMessageContext {
  readonly producerGroup: string;
  /** One; several of a batch. */
  readonly messages: readonly Message[];
  /** Bytes that are sent. */
  readonly bodyLength: number;
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of a send that ended well. */
  sendResult?: SendResult;
  /** `host:port` of the broker that has the message, when it is known. */
  brokerAddress?: string | undefined;
  /** Of a send that failed. */
  error?: unknown;
  /** When it ended. */
  endedAt?: number;
}

/** Is told of every send that waits for an answer (`SendMessageHook`). What it throws is logged and changes nothing. */
export interface SendMessageHook {
  /** Before it is sent. */
  sendMessageBefore?(context: SendMessageContext): void;
  /** With its result, or its error. */
  sendMessageAfter?(context: SendMessageContext): void;
}

/** A call of a listener, as hooks see it (`ConsumeMessageContext`). */
export interface ConsumeMessageContext {
  readonly consumerGroup: string;
  readonly messages: readonly MessageExt[];
  readonly messageQueue: MessageQueue;
  readonly startedAt: number;
  endedAt?: number;
  /** Whether all messages were consumed. */
  success?: boolean;
  returnType?: ConsumeReturnType;
}

/** Is told of every call of a listener (`ConsumeMessageHook`). What it throws is logged and changes nothing. */
export interface ConsumeMessageHook {
  /** Before the listener is called. */
  consumeMessageBefore?(context: ConsumeMessageContext): void;
  /** With what the listener said. */
  consumeMessageAfter?(context: ConsumeMessageContext): void;
}

/** The end of a transaction, as hooks see it (`EndTransactionContext`). */
export interface EndTransactionContext {
  readonly producerGroup: string;
  readonly topic: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  readonly msgId: string;
  readonly transactionId: string;
  /** `COMMIT_MESSAGE`, `ROLLBACK_MESSAGE` or `UNKNOW`. */
  readonly transactionState: string;
  /** Whether the broker had asked. */
  readonly fromTransactionCheck: boolean;
  readonly brokerAddress: string;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

/** Is told how transactions end (`EndTransactionHook`). */
export interface EndTransactionHook {
  /** When the broker has been told. */
  endTransaction(context: EndTransactionContext): void;
}
