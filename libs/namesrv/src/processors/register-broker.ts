import {
  crc32,
  decodeCompressedRegisterBrokerBody,
  KVTable,
  RegisterBroker,
  RegisterBrokerBody,
  RemotingCommand,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import { ORDER_TOPIC_CONFIG } from '../kv/kv-config-manager.ts';
import { checkName } from './check-name.ts';
import type { NamesrvContext } from '../namesrv-context.ts';

/** REGISTER_BROKER (103): a broker says who it is and which topics it holds; repeated every 30 s. */
export function registerBroker(context: NamesrvContext): RequestProcessor {
  return (request, connection) => {
    const header = RegisterBroker.request.decode(request);
    for (const name of ['clusterName', 'brokerName', 'brokerAddr'] as const) checkName(name, header[name]);
    if (header.bodyCrc32 !== 0 && crc32(request.body) !== header.bodyCrc32) {
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'crc32 not match');
    }
    const { topicConfigSerializeWrapper, filterServerList } = decodeBody(request.body, header.compressed);
    const result = context.routes.register(
      {
        ...header,
        zoneName: request.get('__ZONE_NAME'),
        topics: topicConfigSerializeWrapper.topicConfigTable,
        dataVersion: topicConfigSerializeWrapper.dataVersion,
        filterServers: filterServerList,
      },
      connection,
    );
    if (!result)
      return RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, 'register broker failed');
    const orders = context.config.returnOrderTopicConfigToBroker
      ? context.kvConfig.list(ORDER_TOPIC_CONFIG)
      : undefined;
    const body = orders && KVTable.encode({ table: new Map(orders) });
    return RemotingCommand.response(
      request,
      ResponseCode.SUCCESS,
      undefined,
      RegisterBroker.response.encode(result),
      body,
    );
  };
}

/** A broker without topics, such as a slave that has not synchronised yet, sends no body. */
function decodeBody(body: Buffer, compressed: boolean): RegisterBrokerBody {
  if (body.length === 0) {
    const dataVersion = { timestamp: 0, counter: 0, stateVersion: 0 };
    return {
      topicConfigSerializeWrapper: { topicConfigTable: new Map(), dataVersion },
      filterServerList: [],
    };
  }
  return compressed ? decodeCompressedRegisterBrokerBody(body) : RegisterBrokerBody.decode(body);
}
