import { RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';

/** The successful answer to a request. */
export function success(
  request: RemotingCommand,
  fields?: Map<string, string>,
  body?: Buffer,
): RemotingCommand {
  return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, fields, body);
}
