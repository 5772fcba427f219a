import {
  DataVersion,
  QueryDataVersion,
  RemotingCommand,
  ResponseCode,
  sameDataVersion,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** QUERY_DATA_VERSION (322): whether a broker has to register its topics again. It is a sign of life too. */
export function queryDataVersion(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { clusterName, brokerAddr } = QueryDataVersion.request.decode(request);
    const asked = DataVersion.decode(request.body);
    const known = context.routes.dataVersion(clusterName, brokerAddr);
    context.routes.touch(clusterName, brokerAddr);
    const fields = QueryDataVersion.response.encode({ changed: !known || !sameDataVersion(known, asked) });
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      fields,
      known && DataVersion.encode(known),
    );
  };
}
