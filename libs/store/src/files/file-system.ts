/** What the store wants to know of a file. */
export interface FileStatus {
  size: number;
  /** Last modification, in milliseconds since the epoch. */
  mtimeMs: number;
  directory: boolean;
}

/** How much room a disk has, in bytes. */
export interface DiskSpace {
  total: number;
  /** Free for everybody, the superuser included. */
  free: number;
  /** Free for this process. */
  available: number;
}

/** `r`: read an existing file; `r+`: read and write an existing file; `w+`: create or empty it; `c+`: read and write, create it if missing. */
export type OpenMode = 'r' | 'r+' | 'w+' | 'c+';

/** The machine's memory for what files hold. */
export interface PageCache {
  /**
   * Fills in the range of a file, in the thread pool, so that writing there is a mere copy. There is no error to be told of:
   * nothing but time depends on it, and the file may be closed meanwhile.
   */
  populate(fd: number, position: number, length: number, done: () => void): void;
  /** Milliseconds, with fractions, of a clock that only goes forward: what a write takes is measured by it. */
  elapsed(): number;
}

/**
 * The calls the store makes, and no others, so that faults can be injected and torn tails simulated. All throw, or
 * call back with, the error of the operating system (`code` 'EIO', 'ENOSPC', 'ENOENT', ...).
 *
 * The synchronous ones only touch the page cache or metadata; what can really block has a callback.
 */
export interface FileSystem {
  /** Absent where there is none to wait for. */
  readonly pageCache?: PageCache;
  open(path: string, mode: OpenMode): number;
  close(fd: number): void;
  /** Bytes read; fewer than `length` only at the end of the file. */
  read(fd: number, target: Buffer, at: number, length: number, position: number): number;
  /** Bytes written; fewer than `length` means that the disk could not take all. */
  write(fd: number, source: Buffer, at: number, length: number, position: number): number;
  truncate(fd: number, size: number): void;
  /** Makes what was written survive a power loss; runs in the thread pool. */
  fdatasync(fd: number, done: (error: Error | null) => void): void;
  /** As {@link fdatasync}, blocking: for small files, at start and at shutdown. */
  fdatasyncSync(fd: number): void;
  /** Opens (creating it) and sizes a file in the thread pool, and makes its directory entry durable. On an error the file may remain. */
  createSized(path: string, size: number, done: (error: Error | null, fd: number) => void): void;
  status(path: string): FileStatus | undefined;
  /** The names in a directory, unsorted; empty when it does not exist. */
  list(path: string): string[];
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Removes a file; does nothing when it does not exist. */
  remove(path: string): void;
  /** Removes a file in the thread pool: freeing a large one can block. */
  removeLater(path: string, done: (error: Error | null) => void): void;
  /** Removes a directory with all in it; does nothing when it does not exist. */
  removeTree(path: string): void;
  /** Makes the directory's entries durable, blocking: at start, at shutdown, and where there is no time ahead. */
  syncDirectory(path: string): void;
  /** As {@link syncDirectory}, in the thread pool. */
  syncDirectoryLater(path: string, done: (error: Error | null) => void): void;
  space(path: string): DiskSpace;
}
