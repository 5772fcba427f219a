import { DeleteKvConfig, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { ORDER_TOPIC_CONFIG } from '../kv/kv-config-manager.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/** DELETE_KV_CONFIG (102): removes a value. */
export function deleteKvConfig(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { namespace, key } = DeleteKvConfig.request.decode(request);
    context.kvConfig.delete(namespace, key);
    if (namespace === ORDER_TOPIC_CONFIG) context.routeCache.invalidate(key);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
