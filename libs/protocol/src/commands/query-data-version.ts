/*
 * QUERY_DATA_VERSION (322), broker to NameServer
 *   request  brokerName brokerAddr clusterName brokerId:i64
 *   answer   changed:bool
 *   body     of the request DataVersion; of the answer the DataVersion the NameServer has, absent when it
 *            knows none
 */
import { RequestCode } from '../codes/request-code.ts';
import { bool, command, header, int64, text, type HeaderType } from './header-codec.ts';

const queryDataVersionRequestHeader = header({
  brokerName: text,
  brokerAddr: text,
  clusterName: text,
  brokerId: int64,
});

/** The fields of QueryDataVersion's request. */
export type QueryDataVersionRequestHeader = HeaderType<typeof queryDataVersionRequestHeader>;

const queryDataVersionResponseHeader = header({
  changed: bool,
});

/** The fields of QueryDataVersion's answer. */
export type QueryDataVersionResponseHeader = HeaderType<typeof queryDataVersionResponseHeader>;

/** Asks whether the NameServer knows the newest topics of a broker. */
export const QueryDataVersion = command(
  RequestCode.QUERY_DATA_VERSION,
  'QueryDataVersion',
  queryDataVersionRequestHeader,
  queryDataVersionResponseHeader,
);
