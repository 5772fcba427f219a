/*
 * GET_BROKER_MEMBER_GROUP (901), broker to NameServer
 *   request  clusterName brokerName
 *   body     of the answer: GetBrokerMemberGroupResponseBody
 * NOTIFY_MIN_BROKER_ID_CHANGE (905), NameServer to broker, one-way
 *   request  [minBrokerId:i64] [brokerName] [minBrokerAddr] [offlineBrokerAddr] [haBrokerAddr]
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, int64, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const getBrokerMemberGroupRequestHeader = header({
  clusterName: text,
  brokerName: text,
});

/** The fields of GetBrokerMemberGroup's request. */
export type GetBrokerMemberGroupRequestHeader = HeaderType<typeof getBrokerMemberGroupRequestHeader>;

/** The answer carries no fields. */
export type GetBrokerMemberGroupResponseHeader = EmptyHeader;

/** The addresses of all members of a broker group. */
export const GetBrokerMemberGroup = command(
  RequestCode.GET_BROKER_MEMBER_GROUP,
  'GetBrokerMemberGroup',
  getBrokerMemberGroupRequestHeader,
);

const notifyMinBrokerIdChangeRequestHeader = header({
  minBrokerId: optional(int64),
  brokerName: optional(text),
  minBrokerAddr: optional(text),
  offlineBrokerAddr: optional(text),
  haBrokerAddr: optional(text),
});

/** The fields of NotifyMinBrokerIdChange's request. */
export type NotifyMinBrokerIdChangeRequestHeader = HeaderType<typeof notifyMinBrokerIdChangeRequestHeader>;

/** The answer carries no fields. */
export type NotifyMinBrokerIdChangeResponseHeader = EmptyHeader;

/** Tells the members of a broker group who has the lowest id now. */
export const NotifyMinBrokerIdChange = command(
  RequestCode.NOTIFY_MIN_BROKER_ID_CHANGE,
  'NotifyMinBrokerIdChange',
  notifyMinBrokerIdChangeRequestHeader,
);
