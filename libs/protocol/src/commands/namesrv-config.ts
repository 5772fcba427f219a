/*
 * UPDATE_NAMESRV_CONFIG (318), admin to NameServer
 *   body     of the request: java.util.Properties text
 * GET_NAMESRV_CONFIG (319), admin to NameServer
 *   body     of the answer: java.util.Properties text
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, emptyHeader, type EmptyHeader } from './header-codec.ts';

/** The request carries no fields. */
export type UpdateNamesrvConfigRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type UpdateNamesrvConfigResponseHeader = EmptyHeader;

/** Changes configuration while running. */
export const UpdateNamesrvConfig = command(
  RequestCode.UPDATE_NAMESRV_CONFIG,
  'UpdateNamesrvConfig',
  emptyHeader,
);

/** The request carries no fields. */
export type GetNamesrvConfigRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetNamesrvConfigResponseHeader = EmptyHeader;

/** The configuration. */
export const GetNamesrvConfig = command(RequestCode.GET_NAMESRV_CONFIG, 'GetNamesrvConfig', emptyHeader);
