import { PutKvConfig, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { ORDER_TOPIC_CONFIG } from '../kv/kv-config-manager.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/** PUT_KV_CONFIG (100): sets a value. */
export function putKvConfig(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { namespace, key, value } = PutKvConfig.request.decode(request);
    context.kvConfig.put(namespace, key, value);
    if (namespace === ORDER_TOPIC_CONFIG) context.routeCache.invalidate(key);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
