import { inspect } from 'node:util';
import type { Logger } from '@nest-rocketmq/runtime';

/** Writes what an operator has to know to stderr: warnings and errors, one line each, with their time. */
export const stderrLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, cause) => write('WARN', message, cause),
  error: (message, cause) => write('ERROR', message, cause),
};

function write(level: string, message: string, cause: unknown): void {
  const reason = cause === undefined ? '' : `: ${cause instanceof Error ? cause.message : inspect(cause)}`;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${reason}\n`);
}
