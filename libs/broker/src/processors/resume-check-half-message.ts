import { decodeOffsetMessageId, ResponseCode, ResumeCheckHalfMessage } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * RESUME_CHECK_HALF_MESSAGE (323): a transaction that was asked for too often is asked for again. Its message is named by
 * the id that it has in TRANS_CHECK_MAX_TIME_TOPIC. RocketMQ's broker takes any record for one; what is none is refused here.
 */
export function resumeCheckHalfMessage(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const { msgId = '' } = ResumeCheckHalfMessage.request.decode(request);
    const endOffset = broker.transactions.resume(offsetOf(msgId));
    broker.acknowledgements.respondWhenWritten(connection, success(request), endOffset);
    return undefined;
  };
}

function offsetOf(msgId: string): number {
  try {
    return decodeOffsetMessageId(msgId).offset;
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error;
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, error.message);
  }
}
