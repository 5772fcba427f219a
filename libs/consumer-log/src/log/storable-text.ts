import { createHash } from 'node:crypto';

/** How many bytes a name or a key may have in a row: three of them make a primary key in every database. */
export const LONGEST_NAME = 255;
/** Characters, of three bytes at most; the hash has 43 bytes. */
const KEPT_OF_A_LONG_NAME = 70;
/** How much of a body a person needs to see what it was. */
const LONGEST_BODY = 16_384;
const LONGEST_REMARK = 1_000;

/**
 * The key of a row for a business key: the key itself, or, where it is too long or has what a database refuses or
 * ignores, its beginning and a hash of the whole. The same key always gives the same, and different keys different ones.
 */
export function storableKey(key: string): string {
  const storable = Buffer.byteLength(key) <= LONGEST_NAME && key === key.trim() && key === clean(key);
  if (storable) return key;
  const hash = createHash('sha256').update(key, 'utf16le').digest('base64url');
  return `${clean(key.trim().slice(0, KEPT_OF_A_LONG_NAME))}#${hash}`;
}

/** A body for people to look at. */
export function bodyText(body: Uint8Array): string {
  return clean(new TextDecoder().decode(body.subarray(0, LONGEST_BODY)));
}

/** The reason of a failure, for people to look at. */
export function remarkText(error: unknown): string {
  const text = error instanceof Object && 'message' in error ? error.message : error;
  let reason = 'unknown';
  try {
    reason = String(text);
  } catch {
    // What can't be told as text has no better name.
  }
  return clean(reason.slice(0, LONGEST_REMARK));
}

/** Without NUL, which PostgreSQL refuses, and halves of surrogate pairs, which are no UTF-8. */
function clean(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\uFFFD')).toString();
}
