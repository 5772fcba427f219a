/*
 * RESUME_CHECK_HALF_MESSAGE (323), admin to broker
 *   request  [topic] (5.x) msgId
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const resumeCheckHalfMessageRequestHeader = header({
  topic: optional(text),
  msgId: optional(text),
});

/** The fields of ResumeCheckHalfMessage's request. */
export type ResumeCheckHalfMessageRequestHeader = HeaderType<typeof resumeCheckHalfMessageRequestHeader>;

/** The answer carries no fields. */
export type ResumeCheckHalfMessageResponseHeader = EmptyHeader;

/** Has a half message that was checked too often checked again, by the id its broker gave it. */
export const ResumeCheckHalfMessage = command(
  RequestCode.RESUME_CHECK_HALF_MESSAGE,
  'ResumeCheckHalfMessage',
  resumeCheckHalfMessageRequestHeader,
);
