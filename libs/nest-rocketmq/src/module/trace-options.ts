import type { TraceOptions } from '@nest-rocketmq/client';
import type { ResolvedOptions } from './options.ts';

/** How a client of a connection is traced: as it says itself, else as the module does. */
export function traceOptions(
  { trace }: Pick<ResolvedOptions, 'trace'>,
  own: { enableMsgTrace?: boolean | undefined; customizedTraceTopic?: string | undefined },
): TraceOptions {
  const topic = own.customizedTraceTopic ?? (typeof trace === 'object' ? trace.topic : undefined);
  return {
    enableMsgTrace: own.enableMsgTrace ?? trace !== false,
    ...(topic === undefined ? {} : { customizedTraceTopic: topic }),
  };
}
