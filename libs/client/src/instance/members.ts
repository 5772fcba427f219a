import type {
  ConsumeMessageDirectlyResult,
  ConsumerData,
  ConsumerRunningInfo,
  QueueEntry,
  RemotingCommand,
} from '@nest-rocketmq/protocol';
import type { TransactionQuestion } from '../producer/transaction-check.ts';

/** A producer as the client instance sees it: its group is told to brokers. */
export interface ProducerMember {
  readonly group: string;
  /** Answers a broker's question what became of a transaction of the group (39); absent without a transaction listener. */
  readonly checkTransaction?: (question: TransactionQuestion) => void;
}

/** A consumer as the client instance sees it: what is told to brokers, and what brokers can ask for. */
export interface ConsumerMember {
  readonly group: string;
  /** What a heartbeat says of it. */
  consumerData(): ConsumerData;
  /** The members of the group have changed, or a route has. */
  rebalanceSoon(): void;
  /** Sets the offsets of a topic's queues and goes on from there (220). */
  resetOffsets(topic: string, offsets: readonly QueueEntry<number>[]): Promise<void>;
  /** The offsets of a topic's queues as they are known here (221). */
  offsets(topic: string): QueueEntry<number>[];
  /** The state consoles show (307). */
  runningInfo(): ConsumerRunningInfo;
  /** Consumes a message now, without acknowledging it (309). */
  consumeDirectly(
    request: RemotingCommand,
    brokerName: string | undefined,
  ): Promise<ConsumeMessageDirectlyResult>;
}
