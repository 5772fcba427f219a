import { MixAll, ResponseCode } from '@nest-rocketmq/protocol';
import type { CompressionType } from '../message/compression.ts';
import type { Message, MessageQueue } from '../message/message.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message/validators.ts';

/** How messages are sent; the settings of a producer that can be told by a default. */
export interface SendSettings {
  /** Total budget of a send over all its tries, in milliseconds. Default 3000. */
  sendMsgTimeout: number;
  /** The longest a single try may take, in milliseconds; -1: what is left of the budget. Default -1. */
  sendMsgMaxTimeoutPerRequest: number;
  /** Further tries after the first one failed. Default 2. */
  retryTimesWhenSendFailed: number;
  /** Whether a status other than SEND_OK counts as a failure while tries are left. Default false. */
  retryAnotherBrokerWhenNotStoreOK: boolean;
  /** Response codes after which another try is made. Default: those of `DefaultMQProducer`. */
  retryResponseCodes: ReadonlySet<number>;
  /** Bodies of at least so many bytes are compressed. Default 4096. */
  compressMsgBodyOverHowmuch: number;
  /**
   * How bodies are compressed. Default `ZLIB`; consumers before 4.9.4, and the Go client, read nothing else.
   */
  compressType: CompressionType;
  /** Level of the compression, where it has levels. Default 5. */
  compressLevel: number;
  /** Largest body in bytes, before compression. Default 4 MiB, as the broker's. */
  maxMessageSize: number;
  /** The topic whose configuration new topics are made from. Default `TBW102`. */
  createTopicKey: string;
  /** Queues of a topic that is created by a first send. Default 4. */
  defaultTopicQueueNums: number;
  /** Whether slow and failing brokers are left out for a while (`MQFaultStrategy`). Default false. */
  sendLatencyFaultEnable: boolean;
  /** The namespace of the topics; empty: none. */
  namespace: string;
  /** Sends in flight at once; beyond, a send fails as OVERLOADED. Default 65535. */
  maxInFlight: number;
}

/** The defaults of `DefaultMQProducer`. */
export const defaultSendSettings: SendSettings = {
  sendMsgTimeout: 3000,
  sendMsgMaxTimeoutPerRequest: -1,
  retryTimesWhenSendFailed: 2,
  retryAnotherBrokerWhenNotStoreOK: false,
  retryResponseCodes: new Set<number>([
    ResponseCode.TOPIC_NOT_EXIST,
    ResponseCode.SERVICE_NOT_AVAILABLE,
    ResponseCode.SYSTEM_ERROR,
    ResponseCode.SYSTEM_BUSY,
    ResponseCode.NO_PERMISSION,
    ResponseCode.NO_BUYER_ID,
    ResponseCode.NOT_IN_CURRENT_UNIT,
    ResponseCode.GO_AWAY,
  ]),
  compressMsgBodyOverHowmuch: 4096,
  compressType: 'ZLIB',
  compressLevel: 5,
  maxMessageSize: DEFAULT_MAX_MESSAGE_SIZE,
  createTopicKey: MixAll.DEFAULT_TOPIC,
  defaultTopicQueueNums: 4,
  sendLatencyFaultEnable: false,
  namespace: '',
  maxInFlight: 65_535,
};

/** Chooses a message's queue: the same result for the same argument keeps messages in order. */
export type MessageQueueSelector = (
  queues: readonly MessageQueue[],
  message: Message,
  arg: unknown,
) => MessageQueue;

/** What one call of `send` can say differently from its producer. */
export interface SendOptions {
  /** Total budget in milliseconds. */
  timeout?: number;
  /** The queue to send to. There is one try then, unless `retries` says otherwise. */
  queue?: MessageQueue;
  /** Chooses the queue among the topic's writable ones. One try, as with `queue`. */
  selector?: MessageQueueSelector;
  /** Handed to `selector`. */
  arg?: unknown;
  /** Further tries after the first one failed. */
  retries?: number;
  /** Gives up waiting when aborted; a message already on its way is stored all the same. */
  signal?: AbortSignal;
}
