import { RocketMQError } from '@nest-rocketmq/runtime';
import {
  DataVersion,
  DeleteAclConfig,
  GetBrokerClusterAclInfo,
  ResponseCode,
  stringifyJson,
  UpdateAndCreateAclConfig,
  UpdateGlobalWhiteAddrsConfig,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { AccessControl } from '../acl/access-control.ts';
import type { AclFileVersion } from '../acl/acl-editor.ts';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** The code that these commands fail with (`UPDATE_AND_CREATE_ACL_CONFIG_FAILED` and its likes in 4.9). */
const UPDATE_FAILED = 209;
const DELETE_FAILED = 210;
const WHITE_ADDRS_FAILED = 211;

/** UPDATE_AND_CREATE_ACL_CONFIG (50): creates or changes an account of the access files (AdminBrokerProcessor). */
export function updateAndCreateAclConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topicPerms, groupPerms, ...change } = UpdateAndCreateAclConfig.request.decode(request);
    edit(broker, UPDATE_FAILED, (access) =>
      access.edit((editor) =>
        editor.update({ ...change, topicPerms: split(topicPerms), groupPerms: split(groupPerms) }),
      ),
    );
    return success(request);
  };
}

/** DELETE_ACL_CONFIG (51): deletes an account. */
export function deleteAclConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { accessKey } = DeleteAclConfig.request.decode(request);
    edit(broker, DELETE_FAILED, (access) => access.edit((editor) => editor.remove(accessKey)));
    return success(request);
  };
}

/** UPDATE_GLOBAL_WHITE_ADDRS_CONFIG (53): sets the whitelist of all accounts. */
export function updateGlobalWhiteAddrsConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { globalWhiteAddrs, aclFileFullPath } = UpdateGlobalWhiteAddrsConfig.request.decode(request);
    const addresses = split(globalWhiteAddrs) ?? [];
    edit(broker, WHITE_ADDRS_FAILED, (access) =>
      access.edit((editor) => editor.setGlobalWhiteRemoteAddresses(addresses, aclFileFullPath || undefined)),
    );
    return success(request);
  };
}

/** GET_BROKER_CLUSTER_ACL_INFO (52): the versions of the access files. */
export function getBrokerClusterAclInfo(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const versions = required(broker, ResponseCode.SYSTEM_ERROR).versions();
    const [first = { counter: 0, timestamp: 0 }] = versions.values();
    return success(
      request,
      GetBrokerClusterAclInfo.response.encode({
        version: text(first),
        allAclFileVersion: `{${[...versions].map(([path, version]) => `${JSON.stringify(path)}:${text(version)}`).join()}}`,
        brokerName: broker.config.brokerName,
        brokerAddr: broker.address,
        clusterName: broker.config.brokerClusterName,
      }),
    );
  };
}

/**
 * GET_BROKER_CLUSTER_ACL_CONFIG (54): the accounts and whitelists of the access files. RocketMQ's broker gives the secrets
 * away as well.
 */
export function getBrokerClusterAclConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const contents = required(broker, ResponseCode.SYSTEM_ERROR).contents();
    return success(request, undefined, Buffer.from(stringifyJson(contents)));
  };
}

function edit(broker: BrokerContext, code: number, change: (access: AccessControl) => void): void {
  const access = required(broker, code);
  try {
    change(access);
  } catch (error) {
    if (error instanceof RocketMQError) throw new ResponseError(code, error.message);
    throw error;
  }
}

function required({ accessControl }: BrokerContext, code: number): AccessControl {
  if (accessControl !== undefined) return accessControl;
  throw new ResponseError(code, 'this broker has no access control: start it with aclEnable=true');
}

function split(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function text({ counter, timestamp }: AclFileVersion): string {
  return DataVersion.encode({ counter, timestamp, stateVersion: 0 }).toString();
}
