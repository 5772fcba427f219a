import { ResponseCode, responseCodeName, type MessageQueue } from '@nest-rocketmq/protocol';
import { printable, RocketMQError, type RocketMQErrorCode } from '@nest-rocketmq/runtime';

/** Response codes that a client raises itself, with the numbers of Java's `ClientErrorCode`. */
export const ClientErrorCode = {
  CONNECT_BROKER_EXCEPTION: 10001,
  ACCESS_BROKER_TIMEOUT: 10002,
  BROKER_NOT_EXIST_EXCEPTION: 10003,
  NO_NAME_SERVER_EXCEPTION: 10004,
  NOT_FOUND_TOPIC_EXCEPTION: 10005,
  REQUEST_TIMEOUT_EXCEPTION: 10006,
  CREATE_REPLY_MESSAGE_EXCEPTION: 10007,
} as const;

/** What a user can do about a response code; the broker's remark says what is wrong, rarely what helps. */
const ADVICE = new Map<number, string>([
  [ResponseCode.SYSTEM_BUSY, 'The broker is overloaded: send slower or again later'],
  [ResponseCode.REQUEST_CODE_NOT_SUPPORTED, 'The server is too old for this call'],
  [
    ResponseCode.MESSAGE_ILLEGAL,
    "Check the size of the body and of the properties, a batch's rules, and what the topic's type takes",
  ],
  [
    ResponseCode.SERVICE_NOT_AVAILABLE,
    "The broker can't store messages now: see its log (full disk, shutting down)",
  ],
  [ResponseCode.NO_PERMISSION, 'Check the permissions of the broker, the topic and the group'],
  [
    ResponseCode.TOPIC_NOT_EXIST,
    'Create the topic with mqadmin updateTopic, or turn on autoCreateTopicEnable',
  ],
  [ResponseCode.SUBSCRIPTION_PARSE_FAILED, 'Check the subscription expression'],
  [
    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    'Create the group with mqadmin updateSubGroup, or turn on autoCreateSubscriptionGroup',
  ],
]);

/**
 * A broker or NameServer answered with a response code other than success (`code` is `REMOTE`). `responseCode` and
 * `remark` are the peer's own words, as in Java's `MQBrokerException`.
 */
export class BrokerError extends RocketMQError {
  /** The peer's remark; undefined when it gave none. */
  readonly remark: string | undefined;

  /**
   * @param what the request that failed, by its command's name
   * @param address the peer's `host:port`
   */
  constructor(what: string, responseCode: number, remark: string | undefined, address: string) {
    const advice = ADVICE.get(responseCode);
    super(
      'REMOTE',
      `${what} to ${address} was answered ${responseCodeName(responseCode)} (${responseCode})` +
        (remark ? `: ${printable(remark, 1024)}` : '') +
        (advice ? `. ${advice}` : ''),
      { responseCode, address },
    );
    this.remark = remark;
  }
}

/** One try of a send. */
export interface SendAttempt {
  queue: MessageQueue;
  /** `host:port` of the broker, when it was known. */
  address: string | undefined;
  /** How long the try took, in milliseconds. */
  durationMs: number;
  error: RocketMQError;
}

/**
 * A send that failed for good. `code` and `responseCode` are those of the last try; `attempts` has all of them, and
 * `cause` is the last one's error. A message may have been stored all the same when a try timed out or lost its
 * connection.
 */
export class SendError extends RocketMQError {
  readonly topic: string;
  readonly attempts: readonly SendAttempt[];
  /** The last broker's remark, when it answered one. */
  readonly remark: string | undefined;

  constructor(code: RocketMQErrorCode, topic: string, reason: string, attempts: readonly SendAttempt[]) {
    const last = attempts.at(-1);
    const where = attempts.map(
      (a) => `${a.queue.brokerName}:${a.queue.queueId}@${a.address ?? 'unknown address'}`,
    );
    super(
      code,
      `Send to topic ${topic} failed after ${attempts.length} attempt(s)` +
        (where.length > 0 ? ` (${where.join(', ')})` : '') +
        `: ${reason}`,
      {
        cause: last?.error,
        ...(last?.error.responseCode === undefined ? {} : { responseCode: last.error.responseCode }),
        ...(last?.address === undefined ? {} : { address: last.address }),
      },
    );
    this.topic = topic;
    this.attempts = attempts;
    this.remark = last?.error instanceof BrokerError ? last.error.remark : undefined;
  }
}

/** Makes any thrown value a {@link RocketMQError}, so that callers have one kind of error to look at. */
export function asRocketMQError(error: unknown, address?: string): RocketMQError {
  if (error instanceof RocketMQError) return error;
  const text =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return new RocketMQError('CONNECT_FAILED', text, { cause: error, ...(address ? { address } : {}) });
}
