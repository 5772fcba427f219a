import { failures } from '../consumer/consume-concurrently-service.ts';
import {
  callConcurrently,
  ConsumeConcurrentlyStatus,
  ConsumeOrderlyStatus,
  MessageModel,
  type ConsumeConcurrentlyContext,
  type PushListener,
} from '../consumer/consumer-types.ts';
import type { MessageExt, MessageQueue } from '../message/message.ts';
import { consumeChannel, observe, type ConsumeEvent, type ConsumeOutcome } from './channels.ts';

/** Who consumes. */
export interface ConsumeFacts extends Pick<ConsumeEvent, 'consumerGroup' | 'namespace' | 'messageModel'> {
  readonly clientId: () => string;
  /** How often a message may come again before it is a dead letter; negative: RocketMQ's default. */
  readonly maxReconsumeTimes: number;
}

/** RocketMQ's own number of retries of what is not consumed in order; what is, is repeated without end. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** A listener of whose calls the channel is told, while somebody listens. */
export function observedListener(listener: PushListener, facts: ConsumeFacts): PushListener {
  if (listener.orderly) {
    return {
      orderly: true,
      listen: (messages, context) => {
        if (!consumeChannel.hasSubscribers) return listener.listen(messages, context);
        return tell(
          eventOf(facts, true, messages, context.messageQueue),
          async () => listener.listen(messages, context),
          (status) =>
            messages.map((message, index) =>
              context.left ? 'retry' : orderlyOutcome(facts, message, status, context.rejected.has(index)),
            ),
        );
      },
    };
  }
  return {
    orderly: false,
    listen: (messages, context) => {
      if (!consumeChannel.hasSubscribers) return listener.listen(messages, context);
      return tell(
        eventOf(facts, false, messages, context.messageQueue),
        () => callConcurrently(listener.listen, messages, context),
        (status) => concurrentOutcomes(facts, messages, context, status),
      );
    },
  };
}

function tell<Status>(
  event: ConsumeEvent,
  listen: () => Promise<Status | void>,
  outcomes: (status: Status | void | 'thrown') => ConsumeOutcome[],
): Promise<Status | void> {
  return observe(consumeChannel, event, async () => {
    try {
      const status = await listen();
      event.outcomes = outcomes(status);
      return status;
    } catch (error) {
      event.outcomes = outcomes('thrown');
      throw error;
    }
  });
}

function eventOf(
  { consumerGroup, namespace, messageModel, clientId }: ConsumeFacts,
  orderly: boolean,
  messages: readonly MessageExt[],
  messageQueue: MessageQueue,
): ConsumeEvent {
  return {
    clientId: clientId(),
    consumerGroup,
    namespace,
    messageModel,
    orderly,
    messageQueue,
    messages,
    around: [],
  };
}

function concurrentOutcomes(
  facts: ConsumeFacts,
  messages: readonly MessageExt[],
  context: ConsumeConcurrentlyContext,
  status: ConsumeConcurrentlyStatus | void | 'thrown',
): ConsumeOutcome[] {
  if (context.left) return messages.map(() => 'retry');
  const { CONSUME_SUCCESS, RECONSUME_LATER } = ConsumeConcurrentlyStatus;
  const failed = failures(
    messages.length,
    context,
    status === 'thrown' ? RECONSUME_LATER : (status ?? CONSUME_SUCCESS),
  );
  const max = facts.maxReconsumeTimes < 0 ? DEFAULT_MAX_RECONSUME_TIMES : facts.maxReconsumeTimes;
  return messages.map(({ reconsumeTimes }, index) => {
    const redelivery = failed.get(index);
    if (!redelivery) return 'consumed';
    if (facts.messageModel === MessageModel.BROADCASTING) return 'dropped';
    return redelivery.delayLevel < 0 || reconsumeTimes >= max ? 'dead-letter' : 'retry';
  });
}

function orderlyOutcome(
  { maxReconsumeTimes }: ConsumeFacts,
  { reconsumeTimes }: MessageExt,
  status: ConsumeOrderlyStatus | void | 'thrown',
  rejected: boolean,
): ConsumeOutcome {
  const { SUCCESS, COMMIT } = ConsumeOrderlyStatus;
  if (status === undefined || status === SUCCESS || status === COMMIT)
    return rejected ? 'dead-letter' : 'consumed';
  return maxReconsumeTimes >= 0 && reconsumeTimes >= maxReconsumeTimes ? 'dead-letter' : 'retry';
}
