import type { Clock, Logger } from '@nest-rocketmq/runtime';
import {
  callConcurrently,
  ConsumeConcurrentlyStatus,
  ConsumeOrderlyStatus,
  type ConsumeConcurrentlyContext,
  type ConsumeOrderlyContext,
  type PushListener,
} from '../consumer/consumer-types.ts';
import type { MessageExt, MessageQueue, SendResult } from '../message/message.ts';
import type {
  ConsumeMessageContext,
  ConsumeMessageHook,
  SendMessageContext,
  SendMessageHook,
} from './hooks.ts';

/** Tells hooks of one thing; what they throw changes nothing. */
export function tellHooks<Hook>(hooks: readonly Hook[], logger: Logger, tell: (hook: Hook) => void): void {
  for (const hook of hooks) {
    try {
      tell(hook);
    } catch (error) {
      logger.warn('A hook failed', error);
    }
  }
}

/** What sending with hooks takes. */
export interface HookedSend {
  readonly hooks: readonly SendMessageHook[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly addressOf: (brokerName: string) => string | undefined;
}

/** Sends, and tells the hooks before and after. */
export async function sendWithHooks(
  { hooks, clock, logger, addressOf }: HookedSend,
  what: Pick<SendMessageContext, 'producerGroup' | 'messages' | 'bodyLength'>,
  send: () => Promise<SendResult>,
): Promise<SendResult> {
  const context: SendMessageContext = { ...what, startedAt: clock.now() };
  tellHooks(hooks, logger, (hook) => hook.sendMessageBefore?.(context));
  try {
    context.sendResult = await send();
    context.brokerAddress = addressOf(context.sendResult.messageQueue.brokerName);
    return context.sendResult;
  } catch (error) {
    context.error = error;
    throw error;
  } finally {
    context.endedAt = clock.now();
    tellHooks(hooks, logger, (hook) => hook.sendMessageAfter?.(context));
  }
}

/** What consuming with hooks takes. */
export interface HookedConsumption {
  readonly group: string;
  readonly hooks: readonly ConsumeMessageHook[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** From so many milliseconds on a call that failed counts as timed out. */
  readonly consumeTimeout: number;
}

/** A listener that tells the hooks before and after each call. */
export function listenWithHooks(listener: PushListener, parts: HookedConsumption): PushListener {
  if (listener.orderly) {
    return {
      orderly: true,
      listen: (messages, context) =>
        call(
          parts,
          messages,
          context.messageQueue,
          () => listener.listen(messages, context),
          (status) => orderlySuccess(status ?? ConsumeOrderlyStatus.SUCCESS, context),
        ),
    };
  }
  return {
    orderly: false,
    listen: (messages, context) =>
      call(
        parts,
        messages,
        context.messageQueue,
        () => callConcurrently(listener.listen, messages, context),
        (status) => concurrentSuccess(status, context, messages.length),
      ),
  };
}

/**
 * Tells the hooks of what a poll gives: whoever polls says nothing of what becomes of it, so it counts as consumed then
 * (`DefaultLitePullConsumerImpl`).
 */
export function tellOfPoll(
  { group, hooks, clock, logger }: Omit<HookedConsumption, 'consumeTimeout'>,
  messages: readonly MessageExt[],
): void {
  const [first] = messages;
  if (!first) return;
  const { topic, brokerName, queueId } = first;
  const startedAt = clock.now();
  const context: ConsumeMessageContext = {
    consumerGroup: group,
    messages,
    messageQueue: { topic, brokerName, queueId },
    startedAt,
  };
  tellHooks(hooks, logger, (hook) => hook.consumeMessageBefore?.(context));
  context.endedAt = startedAt;
  context.success = true;
  context.returnType = 'SUCCESS';
  tellHooks(hooks, logger, (hook) => hook.consumeMessageAfter?.(context));
}

async function call<Status>(
  { group, hooks, clock, logger, consumeTimeout }: HookedConsumption,
  messages: readonly MessageExt[],
  messageQueue: MessageQueue,
  listen: () => Promise<Status> | Status,
  succeeded: (status: Status) => boolean,
): Promise<Status> {
  const context: ConsumeMessageContext = {
    consumerGroup: group,
    messages,
    messageQueue,
    startedAt: clock.now(),
  };
  const end = (success: boolean, otherwise: 'EXCEPTION' | 'FAILED'): void => {
    context.endedAt = clock.now();
    context.success = success;
    const late = context.endedAt - context.startedAt >= consumeTimeout;
    context.returnType = success ? 'SUCCESS' : late ? 'TIME_OUT' : otherwise;
    tellHooks(hooks, logger, (hook) => hook.consumeMessageAfter?.(context));
  };
  tellHooks(hooks, logger, (hook) => hook.consumeMessageBefore?.(context));
  try {
    const status = await listen();
    end(succeeded(status), 'FAILED');
    return status;
  } catch (error) {
    end(false, 'EXCEPTION');
    throw error;
  }
}

function orderlySuccess(status: ConsumeOrderlyStatus, context: ConsumeOrderlyContext): boolean {
  const done = status === ConsumeOrderlyStatus.SUCCESS || status === ConsumeOrderlyStatus.COMMIT;
  return done && context.rejected.size === 0;
}

function concurrentSuccess(
  status: ConsumeConcurrentlyStatus,
  context: ConsumeConcurrentlyContext,
  count: number,
): boolean {
  const done = status === ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
  return done && context.redeliveries.size === 0 && context.ackIndex >= count - 1;
}
