import { ResponseCode, ViewMessageById } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** VIEW_MESSAGE_BY_ID (33): the record at a place in the commit log. */
export function viewMessageById(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { offset } = ViewMessageById.request.decode(request);
    const record = offset < 0 ? undefined : broker.store.readRecord(offset);
    if (!record)
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
    return success(request, undefined, record);
  };
}
