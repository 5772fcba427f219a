import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { AppendResult, MessageStore } from '@nest-rocketmq/store';

/**
 * The refusal that stands for a failed append, with SendMessageProcessor's codes: 13 for a message that can't be stored,
 * 14 while the store takes none, 1 when a log file couldn't be made.
 */
export function refusalOf(
  status: AppendResult['status'],
  store: MessageStore,
  maxMessageSize: number,
): ResponseError {
  switch (status) {
    case 'MESSAGE_ILLEGAL':
    case 'PROPERTIES_SIZE_EXCEEDED':
      return new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        'the message is illegal, maybe msg body or properties length not matched. ' +
          `msg body length limit ${maxMessageSize}B, msg properties length limit 32KB.`,
      );
    case 'SERVICE_NOT_AVAILABLE':
      return new ResponseError(
        ResponseCode.SERVICE_NOT_AVAILABLE,
        `service not available now: ${store.writeRefusal ?? 'the message store takes no messages'}`,
      );
    case 'CREATE_MAPPED_FILE_FAILED':
      return new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        'create mapped file failed, server is busy or broken.',
      );
    default:
      return new ResponseError(ResponseCode.SYSTEM_ERROR, `the message was not stored: ${status}`);
  }
}
