import {
  GetBrokerMemberGroup,
  GetBrokerMemberGroupResponseBody,
  RemotingCommand,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_BROKER_MEMBER_GROUP (901, 5.x): the addresses of all brokers of one name. */
export function getBrokerMemberGroup(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { clusterName, brokerName } = GetBrokerMemberGroup.request.decode(request);
    const brokerAddrs = new Map(context.routes.brokers.get(brokerName)?.brokerAddrs);
    const body = GetBrokerMemberGroupResponseBody.encode({
      brokerMemberGroup: { cluster: clusterName, brokerName, brokerAddrs },
    });
    return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
  };
}
