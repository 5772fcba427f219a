import { parseProperties, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { printable } from '@nest-rocketmq/runtime';
import { CHANGEABLE_KEYS } from '../config/namesrv-config.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/**
 * UPDATE_NAMESRV_CONFIG (318): changes keys while running. Java refuses the keys of a black list, which once let a file be
 * written anywhere; here only the keys of a list may be changed, and one other key refuses the whole request.
 */
export function updateNamesrvConfig(context: NamesrvContext): RequestProcessor {
  return (request, connection) => {
    const changes = parseProperties(request.body.toString());
    for (const key of changes.keys()) {
      if (CHANGEABLE_KEYS.has(key)) continue;
      context.logger.warn(`${connection.remoteAddress} may not change ${printable(key)}`);
      const remark = `Can not update config in black list: ${printable(key, 64)}. It can only be set at start`;
      return RemotingCommand.response(request, ResponseCode.NO_PERMISSION, remark);
    }
    context.changeConfig(changes);
    context.logger.info(`${connection.remoteAddress} changed ${[...changes.keys()].join(', ')}`);
    return RemotingCommand.response(request, ResponseCode.SUCCESS);
  };
}
