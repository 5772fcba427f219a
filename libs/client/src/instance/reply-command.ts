import { PushReplyMessageToClient, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RemotingClient } from '@nest-rocketmq/remoting';
import type { Clock } from '@nest-rocketmq/runtime';
import type { RequestTable } from '../producer/request-table.ts';
import type { RouteTable } from './route-table.ts';

/**
 * Takes the replies that brokers push (326, `ClientRemotingProcessor.receiveReplyMessage`). A reply nobody waits for any
 * more is taken as well: its sender can do nothing about it.
 */
export function registerReplies(
  remoting: RemotingClient,
  requests: RequestTable,
  routes: RouteTable,
  clock: Clock,
): void {
  remoting.register(PushReplyMessageToClient.code, (request) => {
    const header = PushReplyMessageToClient.request.decode(request);
    requests.arrived(header, request.body, clock.now(), brokerNameOf(routes, header.storeHost));
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  });
}

function brokerNameOf(routes: RouteTable, address: string): string {
  for (const [brokerName, addresses] of routes.brokers())
    for (const known of addresses.values()) if (known === address) return brokerName;
  return '';
}
