import { GetKvConfig, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_KV_CONFIG (101): reads a value; QUERY_NOT_FOUND when there is none. */
export function getKvConfig(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { namespace, key } = GetKvConfig.request.decode(request);
    const value = context.kvConfig.get(namespace, key);
    if (value === undefined) {
      const remark = `No config item, Namespace: ${namespace} Key: ${key}`;
      return RemotingCommand.response(request, ResponseCode.QUERY_NOT_FOUND, remark);
    }
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      GetKvConfig.response.encode({ value }),
    );
  };
}
