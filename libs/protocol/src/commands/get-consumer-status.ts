/*
 * GET_CONSUMER_STATUS_FROM_CLIENT (221), broker to client
 *   request  topic group [clientAddr]
 *   body     of the answer: GetConsumerStatusBody
 * INVOKE_BROKER_TO_GET_CONSUMER_STATUS (223), admin to broker
 *   request  as GetConsumerStatusFromClient
 *   body     of the answer: GetConsumerStatusBody
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const getConsumerStatusFromClientRequestHeader = header({
  topic: text,
  group: text,
  clientAddr: optional(text),
});

/** The fields of GetConsumerStatusFromClient's request. */
export type GetConsumerStatusFromClientRequestHeader = HeaderType<
  typeof getConsumerStatusFromClientRequestHeader
>;

/** The answer carries no fields. */
export type GetConsumerStatusFromClientResponseHeader = EmptyHeader;

/** A consumer's own view of its offsets. */
export const GetConsumerStatusFromClient = command(
  RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
  'GetConsumerStatusFromClient',
  getConsumerStatusFromClientRequestHeader,
);

/** As {@link GetConsumerStatusFromClientRequestHeader}. */
export type InvokeBrokerToGetConsumerStatusRequestHeader = GetConsumerStatusFromClientRequestHeader;

/** The answer carries no fields. */
export type InvokeBrokerToGetConsumerStatusResponseHeader = EmptyHeader;

/** The same, of all consumers of a group or of one. */
export const InvokeBrokerToGetConsumerStatus = command(
  RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
  'InvokeBrokerToGetConsumerStatus',
  getConsumerStatusFromClientRequestHeader,
);
