import { BrokerHeartbeat, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** BROKER_HEARTBEAT (904, 5.x): a sign of life without news. */
export function brokerHeartbeat(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { clusterName, brokerAddr } = BrokerHeartbeat.request.decode(request);
    context.routes.touch(clusterName, brokerAddr);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
