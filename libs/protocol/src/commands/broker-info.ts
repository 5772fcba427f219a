/*
 * GET_BROKER_RUNTIME_INFO (28), admin to broker
 *   body     of the answer: KVTable
 * GET_BROKER_CONFIG (26), admin to broker
 *   answer   version
 *   body     of the answer: java.util.Properties text
 * UPDATE_BROKER_CONFIG (25), admin to broker
 *   body     of the request: java.util.Properties text
 *
 * version: the DataVersion of the topics, as JSON.
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, header, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

/** The request carries no fields. */
export type GetBrokerRuntimeInfoRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetBrokerRuntimeInfoResponseHeader = EmptyHeader;

/** Counters and gauges of a broker. */
export const GetBrokerRuntimeInfo = command(
  RequestCode.GET_BROKER_RUNTIME_INFO,
  'GetBrokerRuntimeInfo',
  emptyHeader,
);

/** The request carries no fields. */
export type GetBrokerConfigRequestHeader = EmptyHeader;

const getBrokerConfigResponseHeader = header({
  version: text,
});

/** The fields of GetBrokerConfig's answer. */
export type GetBrokerConfigResponseHeader = HeaderType<typeof getBrokerConfigResponseHeader>;

/** The configuration of a broker. */
export const GetBrokerConfig = command(
  RequestCode.GET_BROKER_CONFIG,
  'GetBrokerConfig',
  emptyHeader,
  getBrokerConfigResponseHeader,
);

/** The request carries no fields. */
export type UpdateBrokerConfigRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type UpdateBrokerConfigResponseHeader = EmptyHeader;

/** Changes configuration while running. */
export const UpdateBrokerConfig = command(
  RequestCode.UPDATE_BROKER_CONFIG,
  'UpdateBrokerConfig',
  emptyHeader,
);
