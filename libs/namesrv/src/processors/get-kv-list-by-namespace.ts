import { GetKvListByNamespace, KVTable, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_KVLIST_BY_NAMESPACE (219): all values of a namespace; QUERY_NOT_FOUND when there is no such namespace. */
export function getKvListByNamespace(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { namespace } = GetKvListByNamespace.request.decode(request);
    const values = context.kvConfig.list(namespace);
    if (!values) {
      const remark = `No config item, Namespace: ${namespace}`;
      return RemotingCommand.response(request, ResponseCode.QUERY_NOT_FOUND, remark);
    }
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      undefined,
      KVTable.encode({ table: new Map(values) }),
    );
  };
}
