import {
  decodeRecord,
  type ConsumeMessageDirectlyResult,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { ResponseCode } from '@nest-rocketmq/protocol';
import { ReceivedMessage } from '../message/received-message.ts';
import {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  type MessageListenerConcurrently,
} from './consumer-types.ts';
import type { PushGroup } from './push-group.ts';

/** Hands the listener a message that a console sends (309), without acknowledging it. */
export async function consumeDirectly(
  group: PushGroup,
  listener: MessageListenerConcurrently,
  request: RemotingCommand,
  brokerName: string | undefined,
): Promise<ConsumeMessageDirectlyResult> {
  const record = decodeRecord(request.body, 0);
  if (!record) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'The body is not one message');
  const { clock } = group.instance.settings;
  const window = {
    brokerName: brokerName ?? '',
    ...(group.retryTopic ? { retryTopic: group.retryTopic } : {}),
  };
  const message = new ReceivedMessage(record, window);
  const queue = { topic: record.topic, brokerName: window.brokerName, queueId: record.queueId };
  const startedAt = clock.now();
  const result = (consumeResult: string, remark?: string): ConsumeMessageDirectlyResult => ({
    order: false,
    autoCommit: true,
    consumeResult,
    spentTimeMills: clock.now() - startedAt,
    ...(remark === undefined ? {} : { remark }),
  });
  try {
    const status = await listener([message], new ConsumeConcurrentlyContext(queue));
    return result(status === ConsumeConcurrentlyStatus.RECONSUME_LATER ? 'CR_LATER' : 'CR_SUCCESS');
  } catch (error) {
    // The console asked how the listener does with it: this is the answer.
    return result('CR_THROW_EXCEPTION', String(error));
  }
}
