import { readFileSync } from 'node:fs';
import { RocketMQError } from './errors.ts';

/** A configuration file and the items in it, as {@link configure} takes them. */
export interface ConfigFileContent {
  path: string;
  properties: ReadonlyMap<string, string>;
}

/**
 * Reads a configuration file.
 * @param parse turns its text into items: java.util.Properties for RocketMQ's files
 * @throws RocketMQError `INVALID_CONFIG` naming the file when it cannot be read
 */
export function readConfigFile(
  path: string,
  parse: (text: string) => ReadonlyMap<string, string>,
): ConfigFileContent {
  return { path, properties: parse(read(path)) };
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'this user may not read it'],
  ['EISDIR', 'it is a directory'],
]);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    throw new RocketMQError('INVALID_CONFIG', `${path} cannot be read: ${REASONS.get(code) ?? code}`, {
      cause: error,
    });
  }
}
