import { DataVersion, formatProperties, GetBrokerConfig } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_BROKER_CONFIG (26): the configuration as properties, and the version of the topic table. */
export function getBrokerConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const text = formatProperties(
      new Map(Object.entries(broker.config).map(([key, value]) => [key, String(value)])),
    );
    const version = DataVersion.encode(broker.topics.dataVersion).toString();
    return success(request, GetBrokerConfig.response.encode({ version }), Buffer.from(text));
  };
}
