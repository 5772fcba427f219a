import { inspect } from 'node:util';

/** What to say of something that was thrown: an error's message, its name where it has none, or the thing itself. */
export function errorText(thrown: unknown): string {
  try {
    // By its shape: errors of another realm, as Node's own in tests, are no instance of this one's Error.
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
      const findings = findingsOf(thrown);
      if (findings !== undefined) return findings;
      return withoutQuote(String(thrown.message)) || ('name' in thrown && String(thrown.name)) || 'Error';
    }
    return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1, breakLength: Infinity });
  } catch {
    // Also what throws when it is looked at can be thrown.
    return `something of type ${typeof thrown} that can't be described`;
  }
}

/** What a ValidationPipe found: it is in the response of its exception alone, whose message is the name of the status. */
function findingsOf(thrown: object): string | undefined {
  if (!('getResponse' in thrown) || typeof thrown.getResponse !== 'function') return undefined;
  const response: unknown = thrown.getResponse();
  if (typeof response !== 'object' || response === null || !('message' in response)) return undefined;
  return Array.isArray(response.message) ? response.message.map(String).join('; ') : undefined;
}

/** What `JSON.parse` quotes of a text that is no JSON. */
const QUOTE = /(?:, )?(?:\.\.\.)?"[^]*"(?:\.\.\.)? is not valid JSON$/;

/** A payload that can't be parsed must not get into logs by way of its error. */
function withoutQuote(message: string): string {
  return message.endsWith(' is not valid JSON')
    ? message.replace(QUOTE, ': not valid JSON').replace(/^: /, '')
    : message;
}
