/*
 * VIEW_MESSAGE_BY_ID (33), client to broker
 *   request  [topic] offset:i64 [bname]
 *   body     of the answer: one record
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, int64, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const viewMessageByIdRequestHeader = header({
  topic: optional(text),
  offset: int64,
  bname: optional(text),
});

/** The fields of ViewMessageById's request. */
export type ViewMessageByIdRequestHeader = HeaderType<typeof viewMessageByIdRequestHeader>;

/** The answer carries no fields. */
export type ViewMessageByIdResponseHeader = EmptyHeader;

/** One message by its place in the commit log. */
export const ViewMessageById = command(
  RequestCode.VIEW_MESSAGE_BY_ID,
  'ViewMessageById',
  viewMessageByIdRequestHeader,
);
