import { EndTransaction, MessageSysFlag, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * END_TRANSACTION (37): commits or rolls back a half message (EndTransactionProcessor). A transaction that its producer
 * leaves open (0) gets no answer, even where one was asked for. Answered when the message is written.
 */
export function endTransaction(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const header = EndTransaction.request.decode(request);
    const { commitOrRollback } = header;
    if (
      commitOrRollback !== MessageSysFlag.TRANSACTION_COMMIT_TYPE &&
      commitOrRollback !== MessageSysFlag.TRANSACTION_ROLLBACK_TYPE
    ) {
      return undefined;
    }
    if (broker.stopping)
      throw new ResponseError(ResponseCode.SERVICE_NOT_AVAILABLE, 'the broker is shutting down');
    const endOffset = broker.transactions.end(header);
    if (endOffset === 0) return success(request);
    if (!request.isOneway)
      broker.acknowledgements.respondWhenWritten(connection, success(request), endOffset);
    return undefined;
  };
}
