/*
 * GET_CONSUMER_LIST_BY_GROUP (38), client to broker
 *   request  consumerGroup [bname]
 *   body     of the answer: GetConsumerListByGroupResponseBody
 * NOTIFY_CONSUMER_IDS_CHANGED (40), broker to client, one-way
 *   request  consumerGroup
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const getConsumerListByGroupRequestHeader = header({
  consumerGroup: text,
  bname: optional(text),
});

/** The fields of GetConsumerListByGroup's request. */
export type GetConsumerListByGroupRequestHeader = HeaderType<typeof getConsumerListByGroupRequestHeader>;

/** The answer carries no fields. */
export type GetConsumerListByGroupResponseHeader = EmptyHeader;

/** The client ids of the consumers of a group. */
export const GetConsumerListByGroup = command(
  RequestCode.GET_CONSUMER_LIST_BY_GROUP,
  'GetConsumerListByGroup',
  getConsumerListByGroupRequestHeader,
);

const notifyConsumerIdsChangedRequestHeader = header({
  consumerGroup: text,
});

/** The fields of NotifyConsumerIdsChanged's request. */
export type NotifyConsumerIdsChangedRequestHeader = HeaderType<typeof notifyConsumerIdsChangedRequestHeader>;

/** The answer carries no fields. */
export type NotifyConsumerIdsChangedResponseHeader = EmptyHeader;

/** Tells a consumer that its group has changed. */
export const NotifyConsumerIdsChanged = command(
  RequestCode.NOTIFY_CONSUMER_IDS_CHANGED,
  'NotifyConsumerIdsChanged',
  notifyConsumerIdsChangedRequestHeader,
);
