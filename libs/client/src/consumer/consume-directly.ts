import {
  decodeRecord,
  type ConsumeMessageDirectlyResult,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { ResponseCode } from '@nest-rocketmq/protocol';
import { ReceivedMessage } from '../message/received-message.ts';
import {
  callConcurrently,
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  type PushListener,
} from './consumer-types.ts';
import type { PushGroup } from './push-group.ts';

const ORDERLY_RESULTS: Record<ConsumeOrderlyStatus, string> = {
  SUCCESS: 'CR_SUCCESS',
  COMMIT: 'CR_COMMIT',
  ROLLBACK: 'CR_ROLLBACK',
  SUSPEND_CURRENT_QUEUE_A_MOMENT: 'CR_LATER',
};

/** Hands the listener a message that a console sends (309), without acknowledging it. */
export async function consumeDirectly(
  group: PushGroup,
  listener: PushListener,
  request: RemotingCommand,
  brokerName: string | undefined,
): Promise<ConsumeMessageDirectlyResult> {
  const record = decodeRecord(request.body, 0);
  if (!record) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'The body is not one message');
  const { clock, namespace } = group.instance.settings;
  const window = {
    brokerName: brokerName ?? '',
    ...(group.retryTopic ? { retryTopic: group.retryTopic } : {}),
    ...(namespace === '' ? {} : { namespace }),
  };
  const message = new ReceivedMessage(record, window);
  const queue = { topic: record.topic, brokerName: window.brokerName, queueId: record.queueId };
  const startedAt = clock.now();
  const ordered = new ConsumeOrderlyContext(queue);
  const result = (consumeResult: string, remark?: string): ConsumeMessageDirectlyResult => ({
    order: listener.orderly,
    autoCommit: ordered.autoCommit,
    consumeResult,
    spentTimeMills: clock.now() - startedAt,
    ...(remark === undefined ? {} : { remark }),
  });
  try {
    if (listener.orderly) {
      const status = (await listener.listen([message], ordered)) ?? ConsumeOrderlyStatus.SUCCESS;
      return result(ordered.rejected.size > 0 ? 'CR_LATER' : ORDERLY_RESULTS[status]);
    }
    const context = new ConsumeConcurrentlyContext(queue);
    const status = await callConcurrently(listener.listen, [message], context);
    // A listener can also tell of single messages that they were not consumed.
    const failed = context.redeliveries.size > 0 || context.ackIndex < 0;
    const later = failed || status === ConsumeConcurrentlyStatus.RECONSUME_LATER;
    return result(later ? 'CR_LATER' : 'CR_SUCCESS');
  } catch (error) {
    // The console asked how the listener does with it: this is the answer.
    return result('CR_THROW_EXCEPTION', String(error));
  }
}
