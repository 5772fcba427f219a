/** How a client of Apache's shows who it is and connects; all of it may be left out. */
export interface JavaClientSecurity {
  accessKey?: string;
  secretKey?: string;
  useTLS?: boolean;
  namespace?: string;
  /** Of producers. */
  compressType?: 'ZLIB' | 'LZ4' | 'ZSTD';
}

/** The versions of Apache's client that the tests drive. */
export type ClientVersion = '4.9.8' | '5.5.0';

/** A message queue, as everywhere in RocketMQ. */
export interface Queue {
  topic: string;
  brokerName: string;
  queueId: number;
}

/** A message for a Java producer. */
export interface OutgoingMessage {
  topic: string;
  body: string | Buffer;
  tags?: string;
  keys?: string;
  flag?: number;
  delayLevel?: number;
  properties?: Record<string, string>;
}

/** A message as the Java client saw it. */
export interface SeenMessage extends Queue {
  body: Buffer;
  tags?: string;
  keys?: string;
  flag: number;
  properties: Record<string, string>;
  msgId: string;
  queueOffset: number;
  commitLogOffset: number;
  storeSize: number;
  sysFlag: number;
  bodyCRC: number;
  reconsumeTimes: number;
  bornTimestamp: number;
  bornHost: string;
  storeTimestamp: number;
  storeHost: string;
}

/** What a Java producer got back. */
export interface JavaSendResult {
  status: string;
  msgId: string;
  offsetMsgId: string;
  queue: Queue;
  queueOffset: number;
}

/** A push consumer to start; clustering, tags, from the first offset unless said otherwise. */
export interface JavaConsumerOptions {
  group: string;
  nameServer: string;
  topic: string;
  expression?: string;
  expressionType?: 'TAG' | 'SQL92';
  messageModel?: 'CLUSTERING' | 'BROADCASTING';
  consumeFromWhere?: 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_LAST_OFFSET';
  orderly?: boolean;
  /** How many tries of each message fail; in order, of each with the tag `fail`. */
  failures?: number;
  /** Has the brokers share the queues, and pops where they say so, with this invisible time in milliseconds (5.x). */
  popInvisibleTime?: number;
  /** When it pops: how long the first try of each message takes, in milliseconds. */
  hangMs?: number;
  maxReconsumeTimes?: number;
  /** In order: how long a queue waits after a failure. */
  suspendMillis?: number;
}

/** The offsets of a group on one queue. */
export interface ConsumeStatsRow {
  queue: Queue;
  brokerOffset: number;
  consumerOffset: number;
}
