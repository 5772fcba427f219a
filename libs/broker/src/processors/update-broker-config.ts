import { printable } from '@nest-rocketmq/runtime';
import { parseProperties, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { CHANGEABLE_KEYS } from '../config/changeable-keys.ts';
import { success } from './answer.ts';

/**
 * UPDATE_BROKER_CONFIG (25): changes keys while running (AdminBrokerProcessor.updateBrokerConfig). Only the keys of a list
 * may be changed; one other key refuses the whole request.
 */
export function updateBrokerConfig(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const changes = parseProperties(request.body.toString());
    for (const key of changes.keys()) {
      if (CHANGEABLE_KEYS.has(key)) continue;
      broker.logger.warn(`${connection.remoteAddress} may not change ${printable(key)}`);
      throw new ResponseError(
        ResponseCode.NO_PERMISSION,
        `Can not update config in black list: ${printable(key, 64)}. It can only be set at start`,
      );
    }
    if (changes.size > 0) broker.changeConfig(changes);
    broker.logger.info(`${connection.remoteAddress} changed ${[...changes.keys()].join(', ')}`);
    return success(request);
  };
}
