/** Which message a row of the log is about: one message is consumed once by each group. */
export interface ConsumedMessageId {
  readonly groupName: string;
  /** Empty for a message without a tag. */
  readonly msgTag: string;
  /** The business key; see `storableKey` for what becomes of one that a database can't hold as it is. */
  readonly msgKey: string;
}

/** How far the consumption of a message came. */
export const ConsumerStatus = { PROCESSING: 0, DONE: 1, FAILED: 2 } as const;
export type ConsumerStatus = (typeof ConsumerStatus)[keyof typeof ConsumerStatus];

/** What changes of a row; together it tells one attempt from every other one. */
export interface ConsumerLogState {
  readonly consumerStatus: ConsumerStatus;
  /** How many attempts failed, or lost their owner. */
  readonly consumerTimes: number;
  /** When it came to this state, in milliseconds since the epoch. */
  readonly consumerTimestamp: number;
}

/** One row of the log. */
export interface ConsumerLogRecord extends ConsumedMessageId, ConsumerLogState {
  readonly msgId: string;
  /** The body as text, for people: bytes that are no UTF-8 are replaced, what is too long is cut. */
  readonly msgBody: string;
  /** Why the last attempt failed; empty when none did. */
  readonly remark: string;
}

/** Which rows to list, oldest first. */
export interface ConsumerLogQuery {
  readonly groupName?: string;
  readonly status?: ConsumerStatus;
  /** Only rows that came to their state before this time, in milliseconds since the epoch. */
  readonly before?: number;
  /** At most so many. */
  readonly limit: number;
}

/**
 * Where the log is kept. Each method is one atomic step that other processes see whole; what the steps mean together is
 * `ConsumerLog`'s. A store of your own has to pass `consumerLogStoreCases` of `@nest-rocketmq/consumer-log/conformance`.
 *
 * @typeParam Tx what a handler's business changes are made with, in the same transaction as the log's
 */
export interface ConsumerLogStore<Tx> {
  /** Runs `work` in a transaction: committed when it resolves; rolled back, with everything in it, when it rejects. */
  transaction<T>(work: (transaction: Tx) => Promise<T>): Promise<T>;
  /** Adds a row. @returns false when there is one of this id already: that one is untouched then */
  insert(record: ConsumerLogRecord): Promise<boolean>;
  /** The committed row; undefined when there is none. */
  find(id: ConsumedMessageId): Promise<ConsumerLogRecord | undefined>;
  /**
   * Changes a row if it still is in the state `expected`, all three values of it.
   * @param remark undefined leaves it as it is
   * @param transaction where the change belongs to; without one it is committed at once
   * @returns false, and nothing is changed, when the row is in another state or gone
   */
  compareAndSet(
    id: ConsumedMessageId,
    expected: ConsumerLogState,
    next: ConsumerLogState,
    remark?: string,
    transaction?: Tx,
  ): Promise<boolean>;
  /** The rows that meet a query, the oldest first. */
  list(query: ConsumerLogQuery): Promise<ConsumerLogRecord[]>;
  /** Deletes rows of one status that came to it before a time. @returns how many, `limit` at most */
  purge(status: ConsumerStatus, before: number, limit: number): Promise<number>;
}
