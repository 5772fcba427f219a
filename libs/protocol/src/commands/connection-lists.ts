/*
 * GET_CONSUMER_CONNECTION_LIST (203), admin to broker
 *   request  consumerGroup
 *   body     of the answer: ConsumerConnection
 * GET_PRODUCER_CONNECTION_LIST (204), admin to broker
 *   request  producerGroup
 *   body     of the answer: ProducerConnection
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const getConsumerConnectionListRequestHeader = header({
  consumerGroup: text,
});

/** The fields of GetConsumerConnectionList's request. */
export type GetConsumerConnectionListRequestHeader = HeaderType<
  typeof getConsumerConnectionListRequestHeader
>;

/** The answer carries no fields. */
export type GetConsumerConnectionListResponseHeader = EmptyHeader;

/** The connected consumers of a group; 206 when there are none. */
export const GetConsumerConnectionList = command(
  RequestCode.GET_CONSUMER_CONNECTION_LIST,
  'GetConsumerConnectionList',
  getConsumerConnectionListRequestHeader,
);

const getProducerConnectionListRequestHeader = header({
  producerGroup: text,
});

/** The fields of GetProducerConnectionList's request. */
export type GetProducerConnectionListRequestHeader = HeaderType<
  typeof getProducerConnectionListRequestHeader
>;

/** The answer carries no fields. */
export type GetProducerConnectionListResponseHeader = EmptyHeader;

/** The connected producers of a group; 1 when there are none. */
export const GetProducerConnectionList = command(
  RequestCode.GET_PRODUCER_CONNECTION_LIST,
  'GetProducerConnectionList',
  getProducerConnectionListRequestHeader,
);
