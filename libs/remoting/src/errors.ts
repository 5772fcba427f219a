import { ResponseCode } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';

/**
 * Thrown by a processor to answer a request with a response code other than success; its message is the remark, its
 * `code` is `REMOTE`.
 */
export class ResponseError extends RocketMQError {
  /** @param responseCode one of RocketMQ's `ResponseCode` */
  constructor(
    override readonly responseCode: number,
    remark: string,
  ) {
    super('REMOTE', remark, { responseCode });
  }
}

/** The response code and remark that answer a request whose processor threw `error` (`NettyRemotingAbstract`). */
export function failureOf(error: unknown): { code: number; remark: string } {
  if (error instanceof RocketMQError) {
    return { code: error.responseCode ?? ResponseCode.SYSTEM_ERROR, remark: error.message };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: ResponseCode.SYSTEM_ERROR, remark: text };
}

/** The `code` of an error of Node's core (`ECONNREFUSED`), or the error as text. */
export function systemCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return String(error);
}
