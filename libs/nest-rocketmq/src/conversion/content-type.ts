import type { PayloadKind } from './message-converter.ts';

/** The content types that Spring gives its payloads. */
export const TEXT = 'text/plain;charset=UTF-8';
export const BYTES = 'application/octet-stream';
export const JSON_TYPE = 'application/json';

/** What a body of a content type is; JSON where there is none, as plain Java producers give none. */
export function kindOf(contentType: string | undefined): PayloadKind {
  // Nearly all of them: those need not be taken apart.
  if (contentType === undefined || contentType === JSON_TYPE) return 'json';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === BYTES) return 'bytes';
  return type?.startsWith('text/') ? 'text' : 'json';
}
