import { formatProperties, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { NamesrvContext } from '../namesrv-context.ts';

/** GET_NAMESRV_CONFIG (319): the configuration as java.util.Properties text. */
export function getNamesrvConfig(context: NamesrvContext): RequestProcessor {
  return (request) => {
    const items = Object.entries(context.config).map(([key, value]): [string, string] => [
      key,
      String(value),
    ]);
    const body = Buffer.from(formatProperties(new Map(items)));
    return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, undefined, body);
  };
}
