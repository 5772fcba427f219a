import type { MessageQueue } from '@nest-rocketmq/protocol';

export type { MessageQueue };

/** A message as an application hands it to a producer. It is not changed by sending it. */
export interface Message {
  topic: string;
  /** At least one byte, at most the producer's `maxMessageSize`. */
  body: Buffer | Uint8Array;
  /** The tag consumers can select by. One, without `||`. */
  tags?: string;
  /** Business keys to find the message by; joined by a space on the wire, so a key contains none. */
  keys?: string | readonly string[];
  /** The application's own properties. Names that RocketMQ keeps for itself (`MessageConst`) are refused. */
  properties?: Readonly<Record<string, string>>;
  /** RocketMQ's own properties by their names in `MessageConst`, for libraries that build on the client. */
  systemProperties?: Readonly<Record<string, string>>;
  /** A 32-bit number for the application's use. Default 0. */
  flag?: number;
  /** 1..18: one of the broker's delay levels. 0 or absent: at once. */
  delayLevel?: number;
  /** Deliver after so many milliseconds (timer message, 5.x brokers). */
  delayTimeMs?: number;
  /** Deliver after so many seconds (timer message, 5.x brokers). */
  delayTimeSec?: number;
  /** Deliver at that time, in milliseconds since the epoch (timer message, 5.x brokers). */
  deliverTimeMs?: number;
  /** Answer only when stored as safely as the broker is configured to. Default true. */
  waitStoreMsgOK?: boolean;
}

/** A message as a consumer, or `MQAdmin`, gets it. */
export interface MessageExt {
  readonly topic: string;
  readonly tags: string | undefined;
  readonly keys: readonly string[];
  /** Decompressed. It shares memory with the other messages of the same pull: copy it to keep it for long. */
  readonly body: Buffer;
  readonly properties: ReadonlyMap<string, string>;
  /** The producer's id (`UNIQ_KEY`), or {@link offsetMsgId} when there is none. */
  readonly msgId: string;
  /** Where the record lies: store host and commit-log offset, in hex. */
  readonly offsetMsgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** How often it was consumed without success before. */
  readonly reconsumeTimes: number;
  /** Milliseconds since the epoch. */
  readonly bornTimestamp: number;
  /** `ip:port` of the producer, as the broker saw it. */
  readonly bornHost: string;
  /** Milliseconds since the epoch. */
  readonly storeTimestamp: number;
  /** `ip:port` of the broker that stored it. */
  readonly storeHost: string;
  readonly sysFlag: number;
  readonly flag: number;
  readonly commitLogOffset: number;
  readonly preparedTransactionOffset: number;
  readonly transactionId: string | undefined;
  /** The delay level it was sent with. */
  readonly delayLevel: number | undefined;
  /** Bytes of the stored record. */
  readonly storeSize: number;
  readonly bodyCRC: number;
}

/** How safely a message was stored. All four mean that the broker has it. */
export const SendStatus = {
  SEND_OK: 'SEND_OK',
  /** The broker waits for the disk (SYNC_FLUSH) and the flush took too long. */
  FLUSH_DISK_TIMEOUT: 'FLUSH_DISK_TIMEOUT',
  /** The broker waits for a slave (SYNC_MASTER) and it took too long. */
  FLUSH_SLAVE_TIMEOUT: 'FLUSH_SLAVE_TIMEOUT',
  /** The broker waits for a slave and has none. */
  SLAVE_NOT_AVAILABLE: 'SLAVE_NOT_AVAILABLE',
} as const;
export type SendStatus = (typeof SendStatus)[keyof typeof SendStatus];

/** What a broker answered to a send (`SendResult`). */
export interface SendResult {
  readonly sendStatus: SendStatus;
  /** The id the client gave (`UNIQ_KEY`); of a batch, all of them joined by commas. */
  readonly msgId: string;
  /** The id the broker gave; of a batch, all of them joined by commas. */
  readonly offsetMsgId: string;
  readonly messageQueue: MessageQueue;
  /** The message's offset in its queue; of a batch, the first one's. */
  readonly queueOffset: number;
  readonly transactionId: string | undefined;
  readonly regionId: string;
  readonly traceOn: boolean;
  /** With which a timer message can be recalled (brokers from 5.3.2). */
  readonly recallHandle: string | undefined;
}
