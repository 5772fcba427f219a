/*
 * CHECK_CLIENT_CONFIG (46), client to broker
 *   body     of the request: CheckClientRequestBody
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, type EmptyHeader } from './header-codec.ts';

/** The request carries no fields. */
export type CheckClientConfigRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type CheckClientConfigResponseHeader = EmptyHeader;

/** Has the broker check a subscription. */
export const CheckClientConfig = command(RequestCode.CHECK_CLIENT_CONFIG, 'CheckClientConfig', emptyHeader);
