import { AddWritePermOfBroker, PermName, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** ADD_WRITE_PERM_OF_BROKER (327): makes all topics of a broker readable and writable. */
export function addWritePermOfBroker(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { brokerName } = AddWritePermOfBroker.request.decode(request);
    const addTopicCount = context.routes.topics.changePerm(brokerName, () => PermName.READ | PermName.WRITE);
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      AddWritePermOfBroker.response.encode({ addTopicCount }),
    );
  };
}
