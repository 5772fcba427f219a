/*
 * GET_BROKER_CLUSTER_INFO (106), admin to NameServer
 *   body     of the answer: ClusterInfo
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, type EmptyHeader } from './header-codec.ts';

/** The request carries no fields. */
export type GetBrokerClusterInfoRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetBrokerClusterInfoResponseHeader = EmptyHeader;

/** All clusters and brokers. */
export const GetBrokerClusterInfo = command(
  RequestCode.GET_BROKER_CLUSTER_INFO,
  'GetBrokerClusterInfo',
  emptyHeader,
);
