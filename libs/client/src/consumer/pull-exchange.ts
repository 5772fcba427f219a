import {
  decodeRecords,
  PullMessage,
  ResponseCode,
  type PullMessageRequestHeader,
  type PullMessageResponseHeader,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { matchesTag } from '@nest-rocketmq/filter';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import { brokerError, requestOf } from '../instance/call.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';

/** What became of a pull, with the names of Java's `PullStatus`. */
export const PullStatus = {
  FOUND: 'FOUND',
  /** There is nothing at the offset yet. */
  NO_NEW_MSG: 'NO_NEW_MSG',
  /** What is there does not match: go on behind it. */
  NO_MATCHED_MSG: 'NO_MATCHED_MSG',
  /** The queue has no such offset: go on where the answer says. */
  OFFSET_ILLEGAL: 'OFFSET_ILLEGAL',
} as const;
export type PullStatus = (typeof PullStatus)[keyof typeof PullStatus];

/** The answer to a pull. */
export interface PullAnswer {
  readonly status: PullStatus;
  /** Those whose tags match; empty unless the status is FOUND, and maybe then. */
  readonly messages: ReceivedMessage[];
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** The id of the broker to read from the next time. */
  readonly suggestWhichBrokerId: number;
}

/** One pull as it goes to a broker. */
export interface PullExchange {
  command: typeof PullMessage;
  address: string;
  header: PullMessageRequestHeader;
  /** Tags are compared here once more: brokers compare their hash codes only. */
  subscription: SubscriptionData;
  /** Messages of this topic show the topic they were sent to. */
  retryTopic: string | undefined;
  /** What messages of any other topic show as theirs; undefined: the topic they lie in. */
  shownTopic?: string | undefined;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

const STATUS = new Map<number, PullStatus>([
  [ResponseCode.SUCCESS, PullStatus.FOUND],
  [ResponseCode.PULL_NOT_FOUND, PullStatus.NO_NEW_MSG],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, PullStatus.NO_MATCHED_MSG],
  [ResponseCode.PULL_OFFSET_MOVED, PullStatus.OFFSET_ILLEGAL],
]);

/**
 * The address to pull a queue from: the broker's of that id, or any of the same name.
 * @throws RocketMQError `NO_BROKER` when it has none now; its route is asked for then
 */
export async function pullTarget(
  instance: ClientInstance,
  queue: MessageQueue,
  brokerId: number,
): Promise<{ address: string; brokerId: number }> {
  const broker = instance.routes.anyBrokerAddress(queue.brokerName, brokerId);
  if (broker) return broker;
  await instance.routes.refresh(queue.topic);
  const learnt = instance.routes.anyBrokerAddress(queue.brokerName, brokerId);
  if (learnt) return learnt;
  throw new RocketMQError('NO_BROKER', `The broker ${queue.brokerName} has no address now`, {
    responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
  });
}

/**
 * Sends one pull and reads its answer (`PullAPIWrapper`).
 * @throws BrokerError for answers that are none of a pull's own, RocketMQError when the broker can't be reached
 */
export async function pullOnce(instance: ClientInstance, exchange: PullExchange): Promise<PullAnswer> {
  const { command, address, timeoutMs, signal } = exchange;
  const request = requestOf(command, exchange.header);
  const response = await instance.remoting.invoke(address, request, timeoutMs, signal);
  const status = STATUS.get(response.code);
  if (!status) throw brokerError(command, response, address);
  const header = command.response.decode(response);
  return {
    status,
    messages:
      status === PullStatus.FOUND ? decode(response.body, header, exchange, instance.settings.namespace) : [],
    nextBeginOffset: header.nextBeginOffset,
    minOffset: header.minOffset,
    maxOffset: header.maxOffset,
    suggestWhichBrokerId: header.suggestWhichBrokerId,
  };
}

function decode(
  body: Buffer,
  header: PullMessageResponseHeader,
  { header: request, subscription, retryTopic, shownTopic }: PullExchange,
  namespace: string,
): ReceivedMessage[] {
  const window = {
    brokerName: request.bname ?? '',
    minOffset: header.minOffset,
    maxOffset: header.maxOffset,
    ...(header.offsetDelta === undefined ? {} : { offsetDelta: header.offsetDelta }),
    ...(retryTopic === undefined ? {} : { retryTopic }),
    ...(shownTopic === undefined ? {} : { shownTopic }),
    ...(namespace === '' ? {} : { namespace }),
  };
  const messages: ReceivedMessage[] = [];
  const checkTags = subscription.expressionType === 'TAG' && subscription.tagsSet.length > 0;
  for (const record of decodeRecords(body)) {
    const message = new ReceivedMessage(record, window);
    if (!checkTags || matchesTag(subscription, message.tags)) messages.push(message);
  }
  return messages;
}
