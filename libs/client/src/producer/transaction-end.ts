import { EndTransaction, MessageSysFlag, type EndTransactionRequestHeader } from '@nest-rocketmq/protocol';
import type { RemotingCommand } from '@nest-rocketmq/protocol';
import { requestOf } from '../instance/call.ts';
import { LocalTransactionState } from './transaction-types.ts';

const WIRE_STATE = {
  [LocalTransactionState.COMMIT_MESSAGE]: MessageSysFlag.TRANSACTION_COMMIT_TYPE,
  [LocalTransactionState.ROLLBACK_MESSAGE]: MessageSysFlag.TRANSACTION_ROLLBACK_TYPE,
  [LocalTransactionState.UNKNOW]: MessageSysFlag.TRANSACTION_NOT_TYPE,
} as const;

/** How a local transaction ended, and what it failed with. */
export interface LocalOutcome {
  readonly state: LocalTransactionState;
  readonly error?: unknown;
}

/** Runs an application's function; what it throws, or returns that is no state, leaves the transaction open. */
export async function outcomeOf(
  run: () => LocalTransactionState | Promise<LocalTransactionState>,
): Promise<LocalOutcome> {
  try {
    const state = await run();
    return Object.hasOwn(WIRE_STATE, state ?? '') ? { state } : { state: LocalTransactionState.UNKNOW };
  } catch (error) {
    return { state: LocalTransactionState.UNKNOW, error };
  }
}

/** The one-way request that tells a broker how a transaction ended (37). @param what names the function that failed */
export function endTransactionRequest(
  header: Omit<EndTransactionRequestHeader, 'commitOrRollback'>,
  { state, error }: LocalOutcome,
  what: string,
): RemotingCommand {
  const request = requestOf(EndTransaction, { ...header, commitOrRollback: WIRE_STATE[state] }).markOneway();
  if (error !== undefined) request.remark = `${what} exception: ${messageOf(error)}`;
  return request;
}

function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return typeof message === 'string' ? message : typeof error;
}
