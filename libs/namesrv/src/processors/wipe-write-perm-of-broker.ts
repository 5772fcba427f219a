import { RemotingCommand, ResponseCode, WipeWritePermOfBroker } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { withoutWrite } from '../route/topic-queue-table.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/** WIPE_WRITE_PERM_OF_BROKER (205): producers leave a broker until its topics change. */
export function wipeWritePermOfBroker(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const { brokerName } = WipeWritePermOfBroker.request.decode(request);
    const wipeTopicCount = context.routes.topics.changePerm(brokerName, withoutWrite);
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      WipeWritePermOfBroker.response.encode({ wipeTopicCount }),
    );
  };
}
