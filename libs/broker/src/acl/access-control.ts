import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestGuard } from '@nest-rocketmq/remoting';
import {
  RocketMQError,
  scheduleEvery,
  type Clock,
  type Logger,
  type Scheduled,
} from '@nest-rocketmq/runtime';
import { AccessRules } from './access-rules.ts';
import { AclEditor, type AclFileVersion, type AclContents } from './acl-editor.ts';
import { parseAclConfig } from './acl-config.ts';

/** How often the files are looked at for changes, as Java's AclFileWatchService does: a change counts within so many ms. */
const WATCH_MS = 500;
/** No access file is longer. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 8;

/**
 * Access control of a broker (`aclEnable`): the accounts of `plain_acl.yml` and of the files under `acl/`, both in the
 * configuration directory, read anew when they change. A file that can't be read leaves what was valid before.
 */
export class AccessControl {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #watch: Scheduled;
  readonly #editor: AclEditor;
  #state: string;
  #rules: AccessRules;

  /**
   * @param directory the one that has `plain_acl.yml`
   * @throws RocketMQError `INVALID_CONFIG` when a file is wrong, or there is no account in any
   */
  constructor(directory: string, clock: Clock, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
    this.#state = stateOf(aclFiles(directory));
    this.#rules = load(directory);
    this.#editor = new AclEditor(
      directory,
      () => aclFiles(directory).map(({ path }) => path),
      () => clock.now(),
    );
    this.#watch = scheduleEvery(clock, WATCH_MS, WATCH_MS, () => this.#reload());
  }

  /** Looks at each request before it is served. */
  readonly guard: RequestGuard = (connection, header, buffer, bodyStart, bodyEnd) => {
    // A view is enough: what is decided is decided before the next frame is read.
    const request = header.toCommand(buffer.subarray(bodyStart, bodyEnd));
    this.#rules.check(request, hostOf(connection.remoteAddress));
  };

  /**
   * Changes the access files; what they say then counts at once.
   * @throws RocketMQError `INVALID_CONFIG` when that can't be done; nothing is changed then
   */
  edit(change: (editor: AclEditor) => void): void {
    change(this.#editor);
    this.#reload();
  }

  /** What the files say, but for the secrets. */
  contents(): AclContents {
    return this.#editor.contents();
  }

  /** The versions of the files, by their paths. */
  versions(): Map<string, AclFileVersion> {
    return this.#editor.versions();
  }

  /** Stops looking for changes. */
  shutdown(): void {
    this.#watch.cancel();
  }

  #reload(): void {
    try {
      const state = stateOf(aclFiles(this.#directory));
      if (state === this.#state) return;
      // Noted first: a file that is wrong is complained of once.
      this.#state = state;
      this.#rules = load(this.#directory);
      this.#logger.info(`Access files in ${this.#directory} read again: ${this.#rules.size} accounts`);
    } catch (error) {
      this.#logger.error('The access files could not be read: what they said before stays in force', error);
    }
  }
}

function load(directory: string): AccessRules {
  const files = aclFiles(directory);
  const configs = files.map(({ path, size }) => {
    if (size > MAX_FILE_BYTES)
      throw new RocketMQError('INVALID_CONFIG', `${path} is longer than an access file can be`);
    return parseAclConfig(readFileSync(path, 'utf8'), path);
  });
  const rules = new AccessRules(configs);
  if (rules.size > 0) return rules;
  throw new RocketMQError(
    'INVALID_CONFIG',
    `aclEnable=true, but there is no account in ${join(directory, 'plain_acl.yml')} or under ${join(directory, 'acl')}: ` +
      'nobody could use this broker',
  );
}

interface AclFile {
  path: string;
  size: number;
  changedAt: number;
}

function aclFiles(directory: string): AclFile[] {
  const main = fileAt(join(directory, 'plain_acl.yml'));
  return [...(main ? [main] : []), ...filesUnder(join(directory, 'acl'), MAX_DEPTH)];
}

function filesUnder(directory: string, depth: number): AclFile[] {
  if (depth === 0) return [];
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  return names.flatMap((name) => {
    const path = join(directory, name);
    if (/\.ya?ml$/.test(name)) return fileAt(path) ?? [];
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? filesUnder(path, depth - 1) : [];
  });
}

function fileAt(path: string): AclFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? { path, size: stat.size, changedAt: stat.mtimeMs } : undefined;
}

/** Changes when a file does, comes or goes. */
function stateOf(files: readonly AclFile[]): string {
  return JSON.stringify(files);
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
