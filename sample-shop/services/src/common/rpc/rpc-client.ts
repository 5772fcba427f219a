import type { ClientProxy } from '@nestjs/microservices';
import { isAnswerCode, patternOf, ShopError, type AnyRpcContract } from '@sample-shop/api';
import { defer, firstValueFrom, retry, timeout, timer, TimeoutError } from 'rxjs';

/** How other services are called. */
export interface RpcSettings {
  /** Milliseconds, for each try. */
  readonly timeout: number;
}

/** How often a read is tried again, and after how many milliseconds. */
const RETRIES = 2;
const RETRY_DELAY = 100;

/**
 * A service as a typed object: each method of its contract is a call. A call that reads is made again when it got no answer;
 * one that changes something is not, for it may have been done. What the service answers with a code is thrown as that.
 */
export function createRpcClient<Api extends object>(
  proxy: Pick<ClientProxy, 'send'>,
  { service, methods }: AnyRpcContract,
  settings: RpcSettings,
): Api {
  const entries = Object.entries(methods).map(([method, { read, patience }]) => {
    const call = (request: unknown): Promise<unknown> => {
      const answer = defer(() => proxy.send<unknown>(patternOf(service, method), request ?? {})).pipe(
        timeout(settings.timeout * patience),
        retry({ count: read ? RETRIES : 0, delay: retryUnlessAnswered }),
      );
      return firstValueFrom(answer).catch((error: unknown) => {
        throw toShopError(error, service);
      });
    };
    return [method, call] as const;
  });
  return Object.fromEntries(entries) as unknown as Api;
}

/** An answer with a code is an answer. */
function retryUnlessAnswered(error: unknown) {
  if (answerOf(error)) throw error;
  return timer(RETRY_DELAY);
}

function toShopError(error: unknown, service: string): ShopError {
  const answer = answerOf(error);
  if (answer) return answer;
  const reason = error instanceof TimeoutError ? 'did not answer in time' : 'can not be reached';
  return new ShopError('FAIL', `${service} ${reason}`, { cause: error });
}

/** What a service said in an error packet. */
function answerOf(error: unknown): ShopError | undefined {
  const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
  if (!isAnswerCode(code) || typeof message !== 'string') return undefined;
  return new ShopError(code, message, { data });
}
