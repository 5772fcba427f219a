import { KVTable } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { runtimeInfo } from '../stats/runtime-info.ts';
import { success } from './answer.ts';

/** GET_BROKER_RUNTIME_INFO (28): what `mqadmin clusterList` and `brokerStatus` show. */
export function getBrokerRuntimeInfo(broker: BrokerContext): RequestProcessor {
  return (request) => success(request, undefined, KVTable.encode({ table: runtimeInfo(broker) }));
}
