/** The log the libraries write to. `error`'s cause is the error itself, so that a logger can show its stack. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string, cause?: unknown): void;
  error(message: string, cause?: unknown): void;
}

/** Says nothing. The default of every class: a library does not write where it was not asked to. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Makes text that came from the network fit for one line of a log: control characters are escaped, and at most
 * `limit` characters are kept.
 */
export function printable(text: string, limit = 256): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return cut.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
