import { RocketMQError } from '@nest-rocketmq/runtime';

/**
 * Settles as `work` does, or is rejected when the signal is aborted; `work` itself goes on.
 * @param what names the work in the error: `The recall of a message of order`
 * @throws RocketMQError `ABORTED`
 */
export function abortable<T>(work: Promise<T>, what: string, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const text = `${what} was aborted; it may have happened all the same`;
      reject(new RocketMQError('ABORTED', text, { cause: signal.reason }));
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
