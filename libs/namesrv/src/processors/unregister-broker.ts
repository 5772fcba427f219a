import { RemotingCommand, ResponseCode, UnregisterBroker } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** UNREGISTER_BROKER (104): takes a broker out of all routes. */
export function unregisterBroker(context: NamesrvContext): RequestProcessor {
  return (request) => {
    context.routes.unregister(UnregisterBroker.request.decode(request));
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
