/*
 * GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206), admin to NameServer
 *   body     of this and all following answers: TopicList
 * GET_TOPICS_BY_CLUSTER (224), admin to NameServer
 *   request  cluster
 * GET_SYSTEM_TOPIC_LIST_FROM_NS (304), admin to NameServer
 * GET_UNIT_TOPIC_LIST (311), admin to NameServer
 * GET_HAS_UNIT_SUB_TOPIC_LIST (312), admin to NameServer
 * GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST (313), admin to NameServer
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, header, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

/** The request carries no fields. */
export type GetAllTopicListFromNameserverRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetAllTopicListFromNameserverResponseHeader = EmptyHeader;

/** All topics. */
export const GetAllTopicListFromNameserver = command(
  RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
  'GetAllTopicListFromNameserver',
  emptyHeader,
);

const getTopicsByClusterRequestHeader = header({
  cluster: text,
});

/** The fields of GetTopicsByCluster's request. */
export type GetTopicsByClusterRequestHeader = HeaderType<typeof getTopicsByClusterRequestHeader>;

/** The answer carries no fields. */
export type GetTopicsByClusterResponseHeader = EmptyHeader;

/** The topics of one cluster. */
export const GetTopicsByCluster = command(
  RequestCode.GET_TOPICS_BY_CLUSTER,
  'GetTopicsByCluster',
  getTopicsByClusterRequestHeader,
);

/** The request carries no fields. */
export type GetSystemTopicListFromNsRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetSystemTopicListFromNsResponseHeader = EmptyHeader;

/** The names of clusters and brokers, which are topics too. */
export const GetSystemTopicListFromNs = command(
  RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS,
  'GetSystemTopicListFromNs',
  emptyHeader,
);

/** The request carries no fields. */
export type GetUnitTopicListRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetUnitTopicListResponseHeader = EmptyHeader;

/** Topics with the unit flag. */
export const GetUnitTopicList = command(RequestCode.GET_UNIT_TOPIC_LIST, 'GetUnitTopicList', emptyHeader);

/** The request carries no fields. */
export type GetHasUnitSubTopicListRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetHasUnitSubTopicListResponseHeader = EmptyHeader;

/** Topics with the unit subscription flag. */
export const GetHasUnitSubTopicList = command(
  RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST,
  'GetHasUnitSubTopicList',
  emptyHeader,
);

/** The request carries no fields. */
export type GetHasUnitSubUnunitTopicListRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetHasUnitSubUnunitTopicListResponseHeader = EmptyHeader;

/** Topics with the unit subscription flag and without the unit flag. */
export const GetHasUnitSubUnunitTopicList = command(
  RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST,
  'GetHasUnitSubUnunitTopicList',
  emptyHeader,
);
