import { inspect } from 'node:util';

/** What to say of something that was thrown: an error's message, or the thing itself. */
export function errorText(thrown: unknown): string {
  // By its shape: errors of another realm, as Node's own in tests, are no instance of this one's Error.
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1, breakLength: Infinity });
}
