import { createUniqueId, MessageConst } from '@nest-rocketmq/protocol';
import type { Message, MessageExt } from '../message/message.ts';
import type {
  ConsumeMessageContext,
  ConsumeMessageHook,
  EndTransactionContext,
  EndTransactionHook,
  SendMessageContext,
  SendMessageHook,
} from './hooks.ts';
import { CONSUME_RETURN_TYPES, type TraceMessageType, type TraceRecord } from './trace-data.ts';

/** Takes records of the trace of one topic. */
export type AppendTrace = (topic: string, records: readonly TraceRecord[]) => void;

const DEFAULT_REGION = 'DefaultRegion';

/** Traces what is sent (`SendMessageTraceHookImpl`): sends that were answered, unless the broker says not to. @param groupName without its namespace */
export function sendTraceHook(groupName: string, traceTopic: string, append: AppendTrace): SendMessageHook {
  return {
    sendMessageAfter(context: SendMessageContext): void {
      const { sendResult, messages, startedAt } = context;
      const [first] = messages;
      if (!sendResult?.traceOn || !first || first.topic.startsWith(traceTopic)) return;
      const single = messages.length === 1 ? first : undefined;
      append(first.topic, [
        {
          type: 'Pub',
          timeStamp: startedAt,
          regionId: sendResult.regionId,
          groupName,
          topic: first.topic,
          msgId: sendResult.msgId,
          tags: single?.tags,
          keys: single && keysText(single.keys),
          storeHost: context.brokerAddress ?? '',
          bodyLength: context.bodyLength,
          costTime: (context.endedAt ?? startedAt) - startedAt,
          msgType: messageType(first),
          offsetMsgId: sendResult.offsetMsgId,
          success: sendResult.sendStatus === 'SEND_OK',
        },
      ]);
    },
  };
}

/** Traces what is consumed (`ConsumeMessageTraceHookImpl`): before and after each call of the listener. */
export function consumeTraceHook(groupName: string, append: AppendTrace): ConsumeMessageHook {
  const requestIds = new WeakMap<ConsumeMessageContext, string>();
  return {
    consumeMessageBefore(context: ConsumeMessageContext): void {
      const requestId = createUniqueId();
      const records = traced(context.messages).map((message): TraceRecord => ({
        type: 'SubBefore',
        timeStamp: context.startedAt,
        regionId: message.properties.get(MessageConst.PROPERTY_MSG_REGION) ?? DEFAULT_REGION,
        groupName,
        requestId,
        msgId: message.msgId,
        retryTimes: message.reconsumeTimes,
        keys: keysText(message.keys),
      }));
      if (records.length === 0) return;
      requestIds.set(context, requestId);
      append(context.messageQueue.topic, records);
    },
    consumeMessageAfter(context: ConsumeMessageContext): void {
      const requestId = requestIds.get(context);
      if (requestId === undefined) return;
      const { startedAt, endedAt = startedAt, messages, returnType = 'SUCCESS' } = context;
      const records = traced(messages).map((message): TraceRecord => ({
        type: 'SubAfter',
        requestId,
        msgId: message.msgId,
        costTime: Math.trunc((endedAt - startedAt) / messages.length),
        success: context.success === true,
        keys: keysText(message.keys),
        contextCode: CONSUME_RETURN_TYPES.indexOf(returnType),
        timeStamp: endedAt,
        groupName,
      }));
      append(context.messageQueue.topic, records);
    },
  };
}

/** Traces how transactions end (`EndTransactionTraceHookImpl`). */
export function endTransactionTraceHook(groupName: string, append: AppendTrace): EndTransactionHook {
  return {
    endTransaction(context: EndTransactionContext): void {
      append(context.topic, [
        {
          type: 'EndTransaction',
          timeStamp: context.endedAt,
          regionId: DEFAULT_REGION,
          groupName,
          topic: context.topic,
          msgId: context.msgId,
          tags: context.tags,
          keys: context.keys,
          storeHost: context.brokerAddress,
          msgType: 'Trans_msg_Commit',
          transactionId: context.transactionId,
          transactionState: context.transactionState,
          fromTransactionCheck: context.fromTransactionCheck,
        },
      ]);
    },
  };
}

/** The record of a message that was taken back. */
export function recallTrace(groupName: string, topic: string, msgId: string, timeStamp: number): TraceRecord {
  return { type: 'Recall', timeStamp, regionId: DEFAULT_REGION, groupName, topic, msgId, success: true };
}

function traced(messages: readonly MessageExt[]): MessageExt[] {
  return messages.filter(({ properties }) => properties.get(MessageConst.PROPERTY_TRACE_SWITCH) !== 'false');
}

/** The keys of a message as its trace has them; undefined when there are none. */
export function keysText(keys: Message['keys']): string | undefined {
  const text = typeof keys === 'string' ? keys : (keys ?? []).join(' ');
  return text === '' ? undefined : text;
}

function messageType(message: Message): TraceMessageType {
  if (message.systemProperties?.[MessageConst.PROPERTY_TRANSACTION_PREPARED] === 'true')
    return 'Trans_Msg_Half';
  const delayed =
    message.delayLevel || message.delayTimeMs !== undefined || message.deliverTimeMs !== undefined;
  return delayed ? 'Delay_Msg' : 'Normal_Msg';
}
