/** How far a message of the outbox came. */
export const OutboxStatus = { PENDING: 0, DONE: 1, FAILED: 2 } as const;
export type OutboxStatus = (typeof OutboxStatus)[keyof typeof OutboxStatus];

/** A message as the outbox keeps it. */
export interface OutboxMessage {
  /** Who sends it: the application. */
  readonly groupName: string;
  readonly msgTopic: string;
  /** Empty for none. */
  readonly msgTag: string;
  /** The keys, separated by spaces; empty for none. */
  readonly msgKey: string;
  readonly body: Uint8Array;
  /** The client message's other fields: properties, delay, flag. */
  readonly fields: OutboxFields;
  /** Messages of one key are sent in the order they were written in, to one queue; empty: in any order. */
  readonly hashKey: string;
  /** When it was written, in milliseconds since the epoch. */
  readonly createTime: number;
}

/** What a message has besides topic, tag, keys and body: as the client's `Message` names it. */
export interface OutboxFields {
  readonly properties?: Readonly<Record<string, string>>;
  readonly flag?: number;
  readonly waitStoreMsgOK?: boolean;
  readonly delayLevel?: number;
  readonly delayTimeMs?: number;
  readonly deliverTimeMs?: number;
}

/** A message in the outbox. */
export interface OutboxRecord extends OutboxMessage {
  /** Ascending in the order of writing. A 64-bit number, as text. */
  readonly id: string;
  readonly msgStatus: OutboxStatus;
  /** How often sending it failed. */
  readonly sendTimes: number;
  /** When it is sent at the earliest, and when it was done or failed; milliseconds since the epoch. */
  readonly statusTime: number;
  /** Why it was not sent the last time; empty when it was not tried. */
  readonly remark: string;
}

/** A relay's right to send some messages, until a time. */
export interface Lease {
  /** Different for each claim. */
  readonly owner: string;
  readonly now: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Which messages to list, in the order of writing. */
export interface OutboxQuery {
  readonly groupName?: string;
  readonly status?: OutboxStatus;
  readonly msgTopic?: string;
  readonly msgKey?: string;
  /** At most so many. */
  readonly limit: number;
}

/**
 * Where an outbox is kept. A store of your own has to pass `outboxStoreCases` of `@nest-rocketmq/consumer-log/conformance`.
 *
 * @typeParam Tx what the caller's business changes are made with
 */
export interface OutboxStore<Tx> {
  /** Writes a message with `transaction`; with status DONE it is only kept. */
  add(message: OutboxMessage, status: OutboxStatus, transaction: Tx): Promise<void>;
  /**
   * Leases pending messages of a group that are due and not leased, in the order of writing. No message is leased to two at
   * the same time, and none whose `hashKey` has an earlier pending message that is not in the same claim.
   */
  claim(groupName: string, lease: Lease, limit: number): Promise<OutboxRecord[]>;
  /**
   * Ends what a claim leased for one message.
   * @returns false, and nothing is changed, when the lease was lost meanwhile
   */
  settle(id: string, owner: string, settlement: Settlement): Promise<boolean>;
  /** The messages that meet a query, the oldest first. */
  list(query: OutboxQuery): Promise<OutboxRecord[]>;
  /** Makes a failed message pending again, due at `now`. @returns false when it has not failed */
  requeue(id: string, now: number): Promise<boolean>;
  /** How many messages of a group are pending, and when the oldest was written. */
  backlog(groupName: string): Promise<{ count: number; oldest: number | undefined }>;
  /** Deletes messages that came to DONE or FAILED before a time. @returns how many, `limit` at most */
  purge(status: OutboxStatus, before: number, limit: number): Promise<number>;
}

/** What became of a leased message; it is leased no longer. */
export interface Settlement {
  /** PENDING: to be sent again at `statusTime`. */
  readonly msgStatus: OutboxStatus;
  readonly statusTime: number;
  readonly sendTimes: number;
  readonly remark: string;
}
