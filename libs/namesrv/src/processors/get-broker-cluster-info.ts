import { ClusterInfo, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_BROKER_CLUSTER_INFO (106): all clusters and brokers. */
export function getBrokerClusterInfo(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const body = ClusterInfo.encode(context.routes.clusterInfo());
    return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
  };
}
