import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RocketMQError } from './errors.ts';

/**
 * The text of a small file, or undefined when there is none.
 * @throws RocketMQError `INVALID_CONFIG` when it is there and cannot be read
 */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new RocketMQError('INVALID_CONFIG', `${path} cannot be read: ${codeOf(error)}`, { cause: error });
  }
}

/**
 * Replaces a small file so that it is always whole: written beside, flushed, and renamed.
 * @throws RocketMQError `INVALID_CONFIG` when it cannot be written
 */
export function writeWhole(path: string, content: string): void {
  const beside = `${path}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(beside, content, { flush: true });
    renameSync(beside, path);
  } catch (error) {
    throw new RocketMQError('INVALID_CONFIG', `${path} cannot be written: ${codeOf(error)}`, {
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
