import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that exists for a while. */
export interface TemporaryDirectory {
  path: string;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}

/** Makes an empty directory of its own below the system's directory for temporary files. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'rocketmq-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
