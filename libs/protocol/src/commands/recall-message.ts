/*
 * RECALL_MESSAGE (370), client to broker
 *   request  [producerGroup] topic recallHandle [bname]
 *   answer   msgId
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type HeaderType } from './header-codec.ts';

const recallMessageRequestHeader = header({
  producerGroup: optional(text),
  topic: text,
  recallHandle: text,
  bname: optional(text),
});

/** The fields of RecallMessage's request. */
export type RecallMessageRequestHeader = HeaderType<typeof recallMessageRequestHeader>;

const recallMessageResponseHeader = header({
  msgId: text,
});

/** The fields of RecallMessage's answer. */
export type RecallMessageResponseHeader = HeaderType<typeof recallMessageResponseHeader>;

/** Takes back a timer message that was not delivered yet. */
export const RecallMessage = command(
  RequestCode.RECALL_MESSAGE,
  'RecallMessage',
  recallMessageRequestHeader,
  recallMessageResponseHeader,
);
