/*
 * The access files of 4.x, admin to broker
 * UPDATE_AND_CREATE_ACL_CONFIG (50)
 *   request  accessKey [secretKey] [whiteRemoteAddress] [admin:bool] [defaultTopicPerm] [defaultGroupPerm]
 *            [topicPerms, by commas] [groupPerms, by commas]
 * DELETE_ACL_CONFIG (51)
 *   request  accessKey
 * GET_BROKER_CLUSTER_ACL_INFO (52)
 *   answer   version [allAclFileVersion] brokerName brokerAddr clusterName
 * UPDATE_GLOBAL_WHITE_ADDRS_CONFIG (53)
 *   request  globalWhiteAddrs, by commas [aclFileFullPath]
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  emptyHeader,
  header,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const updateAndCreateAclConfigRequestHeader = header({
  accessKey: text,
  secretKey: optional(text),
  whiteRemoteAddress: optional(text),
  admin: optional(bool),
  defaultTopicPerm: optional(text),
  defaultGroupPerm: optional(text),
  topicPerms: optional(text),
  groupPerms: optional(text),
});

/** The fields of UpdateAndCreateAclConfig's request. */
export type UpdateAndCreateAclConfigRequestHeader = HeaderType<typeof updateAndCreateAclConfigRequestHeader>;

/** The answer carries no fields. */
export type UpdateAndCreateAclConfigResponseHeader = EmptyHeader;

/** Creates an account, or changes what is given of one. */
export const UpdateAndCreateAclConfig = command(
  RequestCode.UPDATE_AND_CREATE_ACL_CONFIG,
  'UpdateAndCreateAclConfig',
  updateAndCreateAclConfigRequestHeader,
);

const deleteAclConfigRequestHeader = header({ accessKey: text });

/** The fields of DeleteAclConfig's request. */
export type DeleteAclConfigRequestHeader = HeaderType<typeof deleteAclConfigRequestHeader>;

/** The answer carries no fields. */
export type DeleteAclConfigResponseHeader = EmptyHeader;

/** Deletes an account. */
export const DeleteAclConfig = command(
  RequestCode.DELETE_ACL_CONFIG,
  'DeleteAclConfig',
  deleteAclConfigRequestHeader,
);

/** The request carries no fields. */
export type GetBrokerClusterAclInfoRequestHeader = EmptyHeader;

const getBrokerClusterAclInfoResponseHeader = header({
  version: text,
  allAclFileVersion: optional(text),
  brokerName: text,
  brokerAddr: text,
  clusterName: text,
});

/** The fields of GetBrokerClusterAclInfo's answer. */
export type GetBrokerClusterAclInfoResponseHeader = HeaderType<typeof getBrokerClusterAclInfoResponseHeader>;

/** Tells the versions of the access files. */
export const GetBrokerClusterAclInfo = command(
  RequestCode.GET_BROKER_CLUSTER_ACL_INFO,
  'GetBrokerClusterAclInfo',
  emptyHeader,
  getBrokerClusterAclInfoResponseHeader,
);

const updateGlobalWhiteAddrsConfigRequestHeader = header({
  globalWhiteAddrs: text,
  aclFileFullPath: optional(text),
});

/** The fields of UpdateGlobalWhiteAddrsConfig's request. */
export type UpdateGlobalWhiteAddrsConfigRequestHeader = HeaderType<
  typeof updateGlobalWhiteAddrsConfigRequestHeader
>;

/** The answer carries no fields. */
export type UpdateGlobalWhiteAddrsConfigResponseHeader = EmptyHeader;

/** Sets the whitelist of all accounts. */
export const UpdateGlobalWhiteAddrsConfig = command(
  RequestCode.UPDATE_GLOBAL_WHITE_ADDRS_CONFIG,
  'UpdateGlobalWhiteAddrsConfig',
  updateGlobalWhiteAddrsConfigRequestHeader,
);
