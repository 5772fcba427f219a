import { RocketMQError } from '@nest-rocketmq/runtime';

/** The `code` of an operating system error, such as `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True for errors that say that the disk, or a quota, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** An error of the store: code `STORE`, what was tried on which path, and why it failed. */
export function storeError(what: string, path: string, cause: unknown): RocketMQError {
  const reason = cause instanceof Error ? cause.message : (errorCode(cause) ?? messageOf(cause));
  return new RocketMQError('STORE', `${what} ${path}: ${reason}`, { cause });
}

function messageOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return String(cause.message);
  return String(cause);
}
