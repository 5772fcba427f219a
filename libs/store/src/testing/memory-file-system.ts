import type { DiskSpace, FileStatus, FileSystem, OpenMode, PageCache } from '../files/file-system.ts';

/** The calls that can be made to fail. */
export type FaultyCall =
  'open' | 'write' | 'truncate' | 'fdatasync' | 'rename' | 'remove' | 'createSized' | 'makeDirectory';

interface Fault {
  call: FaultyCall;
  /** How many such calls still succeed. */
  after: number;
  code: string;
  /** For a write: how many bytes get through. */
  bytes: number;
  /** Only calls on paths that contain this. */
  path: string;
}

/** A write that no fdatasync has followed. */
export interface PendingWrite {
  /** Its place among all writes of the file system. */
  sequence: number;
  position: number;
  bytes: Buffer;
}

export interface MemoryFile {
  bytes: Buffer;
  mtimeMs: number;
  /** Written and not yet durable, with what was there before. */
  pending: PendingWrite[];
  durable: Buffer;
}

/** What a power loss leaves of the writes that were not durable. */
export type Survival =
  'none' | 'all' | ((write: { path: string; position: number; length: number }) => number);

function failure(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code });
}

/**
 * A file system in memory, for tests: its calls can be made to fail, its disk to be full, and its power to go. Every
 * call takes effect at once; those with a callback answer in a microtask, or, while {@link hold} is set, when released.
 */
export class MemoryFileSystem implements FileSystem {
  pageCache?: PageCache;
  readonly files = new Map<string, MemoryFile>();
  protected readonly directories = new Set<string>(['/']);
  /** By descriptor: the file itself, whatever name it has by now, if any. */
  readonly #open = new Map<number, { path: string; file: MemoryFile }>();
  #next = 3;
  #process = 0;
  #sequence = 0;
  #faults: Fault[] = [];
  #held: (() => void)[] | undefined;
  /** What {@link space} answers; by default a large, empty disk. */
  disk: DiskSpace = { total: 1e12, free: 1e12, available: 1e12 };
  /** The time given to files that are written. */
  now: () => number;
  readonly calls: Record<FaultyCall, number> = {
    open: 0,
    write: 0,
    truncate: 0,
    fdatasync: 0,
    rename: 0,
    remove: 0,
    createSized: 0,
    makeDirectory: 0,
  };

  constructor(now: () => number = () => 0) {
    this.now = now;
  }

  /** Makes a call fail: the one after `after` successful ones, and all later ones. */
  fail(
    call: FaultyCall,
    options: { after?: number; code?: string; bytes?: number; path?: string } = {},
  ): void {
    this.#faults.push({ call, after: 0, code: 'EIO', bytes: 0, path: '', ...options });
  }

  heal(): void {
    this.#faults = [];
  }

  /** From now on callbacks wait for {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const call of held) call();
  }

  /** Open descriptors: a closed store has none. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Forgets open descriptors and faults: what kill -9 does. What was written stays. */
  kill(): void {
    this.#process++;
    this.#open.clear();
    this.#faults = [];
    this.#held = undefined;
  }

  /** As {@link kill}, and of what was not durable only `survival` stays; a number keeps that many first bytes of a write. */
  powerLoss(survival: Survival = 'none'): void {
    this.kill();
    for (const [path, file] of this.files) {
      if (survival !== 'all') {
        const left = Buffer.alloc(file.bytes.length);
        file.durable.copy(left);
        for (const write of file.pending) {
          const { position } = write;
          const kept = survival === 'none' ? 0 : survival({ path, position, length: write.bytes.length });
          write.bytes.copy(left, position, 0, kept);
        }
        file.bytes = left;
      }
      file.pending = [];
      file.durable = Buffer.from(file.bytes);
    }
  }

  content(path: string): Buffer {
    const file = this.files.get(path);
    if (!file) throw failure('ENOENT', 'content', path);
    return file.bytes;
  }

  /** Replaces a file's content, durably. */
  put(path: string, bytes: Buffer): void {
    this.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    this.files.set(path, { bytes, mtimeMs: this.now(), pending: [], durable: Buffer.from(bytes) });
  }

  open(path: string, mode: OpenMode): number {
    this.check('open', path);
    const known = this.files.get(path);
    if (!known && (mode === 'r' || mode === 'r+')) throw failure('ENOENT', 'open', path);
    if (!known || mode === 'w+') {
      if (!this.directories.has(path.slice(0, path.lastIndexOf('/')) || '/'))
        throw failure('ENOENT', 'open', path);
      const empty = Buffer.alloc(0);
      this.files.set(path, { bytes: empty, mtimeMs: this.now(), pending: [], durable: empty });
    }
    const file = this.files.get(path);
    if (file) this.#open.set(this.#next, { path, file });
    return this.#next++;
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) throw failure('EBADF', 'close', String(fd));
  }

  read(fd: number, target: Buffer, at: number, length: number, position: number): number {
    return this.file(fd).bytes.copy(target, at, position, position + length);
  }

  write(fd: number, source: Buffer, at: number, length: number, position: number): number {
    const file = this.file(fd);
    const fault = this.#fault('write', this.pathOf(fd));
    if (fault && fault.bytes === 0) throw failure(fault.code, 'write', this.pathOf(fd));
    const count = fault ? Math.min(length, fault.bytes) : length;
    const bytes = Buffer.from(source.subarray(at, at + count));
    if (position + count > file.bytes.length) this.#resize(file, position + count);
    bytes.copy(file.bytes, position);
    file.pending.push({ sequence: ++this.#sequence, position, bytes });
    file.mtimeMs = this.now();
    return count;
  }

  truncate(fd: number, size: number): void {
    this.check('truncate', this.pathOf(fd));
    const file = this.file(fd);
    if (size < file.bytes.length) {
      // What is cut off is zero when the file grows again.
      file.durable = Buffer.from(file.durable.subarray(0, size));
      file.pending = file.pending
        .filter((write) => write.position < size)
        .map((write) => ({ ...write, bytes: write.bytes.subarray(0, size - write.position) }));
    }
    this.#resize(file, size);
  }

  fdatasync(fd: number, done: (error: Error | null) => void): void {
    this.later(() => {
      try {
        this.fdatasyncSync(fd);
        done(null);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  fdatasyncSync(fd: number): void {
    const file = this.file(fd);
    try {
      this.check('fdatasync', this.pathOf(fd));
      file.durable = Buffer.from(file.bytes);
    } finally {
      // As Linux does: after a failure the pages count as clean, and the next call succeeds.
      file.pending = [];
    }
  }

  createSized(path: string, size: number, done: (error: Error | null, fd: number) => void): void {
    this.later(() => {
      try {
        this.check('createSized', path);
        const fd = this.open(path, 'c+');
        this.truncate(fd, size);
        done(null, fd);
      } catch (error) {
        done(error as Error, -1);
      }
    });
  }

  status(path: string): FileStatus | undefined {
    const file = this.files.get(path);
    if (file) return { size: file.bytes.length, mtimeMs: file.mtimeMs, directory: false };
    return this.directories.has(path) ? { size: 0, mtimeMs: 0, directory: true } : undefined;
  }

  list(path: string): string[] {
    const names = new Set<string>();
    const folder = `${path}/`;
    const add = (entry: string): void => {
      if (!entry.startsWith(folder)) return;
      const end = entry.indexOf('/', folder.length);
      names.add(entry.slice(folder.length, end < 0 ? undefined : end));
    };
    for (const entry of this.files.keys()) add(entry);
    for (const entry of this.directories) add(entry);
    return [...names].toSorted().toReversed();
  }

  makeDirectory(path: string): void {
    this.check('makeDirectory', path);
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1))
      this.directories.add(path.slice(0, at));
  }

  rename(from: string, to: string): void {
    this.check('rename', from);
    const file = this.files.get(from);
    if (!file) throw failure('ENOENT', 'rename', from);
    this.files.delete(from);
    this.files.set(to, file);
    for (const open of this.#open.values()) if (open.file === file) open.path = to;
  }

  remove(path: string): void {
    this.check('remove', path);
    this.files.delete(path);
  }

  removeLater(path: string, done: (error: Error | null) => void): void {
    this.files.delete(path);
    this.later(() => done(null));
  }

  removeTree(path: string): void {
    this.check('remove', path);
    for (const file of this.files.keys()) if (file.startsWith(`${path}/`)) this.files.delete(file);
    for (const directory of this.directories) {
      if (directory === path || directory.startsWith(`${path}/`)) this.directories.delete(directory);
    }
  }

  syncDirectory(): void {}

  syncDirectoryLater(_path: string, done: (error: Error | null) => void): void {
    this.later(() => {
      this.syncDirectory();
      done(null);
    });
  }

  space(): DiskSpace {
    return this.disk;
  }

  #resize(file: MemoryFile, size: number): void {
    const resized = Buffer.alloc(size);
    file.bytes.copy(resized);
    file.bytes = resized;
  }

  /** How many writes there were. */
  protected get sequence(): number {
    return this.#sequence;
  }

  protected pathOf(fd: number): string {
    return this.#open.get(fd)?.path ?? '';
  }

  protected file(fd: number): MemoryFile {
    const open = this.#open.get(fd);
    if (open) return open.file;
    throw failure('EBADF', 'descriptor', String(fd));
  }

  protected later(call: () => void): void {
    const process = this.#process;
    // What a killed process was waiting for never comes.
    this.schedule(() => {
      if (process === this.#process) call();
    });
  }

  /** Has a call of the thread pool take place, at its time. */
  protected schedule(call: () => void): void {
    if (this.#held) this.#held.push(call);
    else queueMicrotask(call);
  }

  /** Throws when the call is to fail. */
  protected check(call: FaultyCall, path: string): void {
    const fault = this.#fault(call, path);
    if (fault) throw failure(fault.code, call, path);
  }

  #fault(call: FaultyCall, path: string): Fault | undefined {
    this.calls[call]++;
    for (const fault of this.#faults) {
      if (fault.call !== call || !path.includes(fault.path)) continue;
      if (fault.after > 0) fault.after--;
      else return fault;
    }
    return undefined;
  }
}
