/*
 * PUT_KV_CONFIG (100), admin to NameServer
 *   request  namespace key value
 * GET_KV_CONFIG (101), admin to NameServer
 *   request  namespace key
 *   answer   [value]
 * DELETE_KV_CONFIG (102), admin to NameServer
 *   request  namespace key
 * GET_KVLIST_BY_NAMESPACE (219), admin to NameServer
 *   request  namespace
 *   body     of the answer: KVTable
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const putKvConfigRequestHeader = header({
  namespace: text,
  key: text,
  value: text,
});

/** The fields of PutKvConfig's request. */
export type PutKvConfigRequestHeader = HeaderType<typeof putKvConfigRequestHeader>;

/** The answer carries no fields. */
export type PutKvConfigResponseHeader = EmptyHeader;

/** Sets a value. */
export const PutKvConfig = command(RequestCode.PUT_KV_CONFIG, 'PutKvConfig', putKvConfigRequestHeader);

const getKvConfigRequestHeader = header({
  namespace: text,
  key: text,
});

/** The fields of GetKvConfig's request. */
export type GetKvConfigRequestHeader = HeaderType<typeof getKvConfigRequestHeader>;

const getKvConfigResponseHeader = header({
  value: optional(text),
});

/** The fields of GetKvConfig's answer. */
export type GetKvConfigResponseHeader = HeaderType<typeof getKvConfigResponseHeader>;

/** Reads a value; 22 when there is none. */
export const GetKvConfig = command(
  RequestCode.GET_KV_CONFIG,
  'GetKvConfig',
  getKvConfigRequestHeader,
  getKvConfigResponseHeader,
);

const deleteKvConfigRequestHeader = header({
  namespace: text,
  key: text,
});

/** The fields of DeleteKvConfig's request. */
export type DeleteKvConfigRequestHeader = HeaderType<typeof deleteKvConfigRequestHeader>;

/** The answer carries no fields. */
export type DeleteKvConfigResponseHeader = EmptyHeader;

/** Removes a value. */
export const DeleteKvConfig = command(
  RequestCode.DELETE_KV_CONFIG,
  'DeleteKvConfig',
  deleteKvConfigRequestHeader,
);

const getKvListByNamespaceRequestHeader = header({
  namespace: text,
});

/** The fields of GetKvListByNamespace's request. */
export type GetKvListByNamespaceRequestHeader = HeaderType<typeof getKvListByNamespaceRequestHeader>;

/** The answer carries no fields. */
export type GetKvListByNamespaceResponseHeader = EmptyHeader;

/** All values of a namespace; 22 when there are none. */
export const GetKvListByNamespace = command(
  RequestCode.GET_KVLIST_BY_NAMESPACE,
  'GetKvListByNamespace',
  getKvListByNamespaceRequestHeader,
);
