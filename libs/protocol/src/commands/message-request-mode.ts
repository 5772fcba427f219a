/*
 * QUERY_ASSIGNMENT (400), client to broker
 *   body     of the request: QueryAssignmentRequestBody, of the answer: QueryAssignmentResponseBody
 * SET_MESSAGE_REQUEST_MODE (401), client to broker
 *   body     of the request: SetMessageRequestModeRequestBody
 * GET_ALL_MESSAGE_REQUEST_MODE (402), client to broker
 *   body     of the answer: MessageRequestModeSerializeWrapper
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, type EmptyHeader } from './header-codec.ts';

/** The request carries no fields. */
export type QueryAssignmentRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type QueryAssignmentResponseHeader = EmptyHeader;

/** Which queues a consumer serves, and whether by pulling or popping. */
export const QueryAssignment = command(RequestCode.QUERY_ASSIGNMENT, 'QueryAssignment', header({}));

/** The request carries no fields. */
export type SetMessageRequestModeRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type SetMessageRequestModeResponseHeader = EmptyHeader;

/** Has a group's consumers pull or pop a topic. */
export const SetMessageRequestMode = command(
  RequestCode.SET_MESSAGE_REQUEST_MODE,
  'SetMessageRequestMode',
  header({}),
);

/** The request carries no fields. */
export type GetAllMessageRequestModeRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetAllMessageRequestModeResponseHeader = EmptyHeader;

/** All modes that were set. */
export const GetAllMessageRequestMode = command(
  RequestCode.GET_ALL_MESSAGE_REQUEST_MODE,
  'GetAllMessageRequestMode',
  header({}),
);
