import fs from 'node:fs';
import path from 'node:path';
import type { FileSystem, OpenMode } from './file-system.ts';

const FLAGS: Record<OpenMode, number> = {
  r: fs.constants.O_RDONLY,
  'r+': fs.constants.O_RDWR,
  'w+': fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
  'c+': fs.constants.O_RDWR | fs.constants.O_CREAT,
};

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Where what nobody wants is read to. */
let scratch = Buffer.alloc(0);

/** The machine's file system. */
export const nodeFileSystem: FileSystem = {
  pageCache: {
    populate(fd, position, length, done) {
      if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(length);
      fs.read(fd, scratch, 0, length, position, () => done());
    },
    elapsed: () => performance.now(),
  },
  open: (file, mode) => fs.openSync(file, FLAGS[mode], 0o644),
  close: (fd) => fs.closeSync(fd),
  read: (fd, target, at, length, position) => fs.readSync(fd, target, at, length, position),
  write: (fd, source, at, length, position) => fs.writeSync(fd, source, at, length, position),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  fdatasync: (fd, done) => fs.fdatasync(fd, (error) => done(error)),
  fdatasyncSync: (fd) => fs.fdatasyncSync(fd),

  createSized(file, size, done) {
    fs.open(file, FLAGS['c+'], 0o644, (openError, fd) => {
      if (openError) {
        done(openError, -1);
        return;
      }
      fs.ftruncate(fd, size, (error) => {
        if (!error) {
          syncEntry(path.dirname(file), (syncError) => {
            if (syncError) fs.close(fd, () => done(syncError, -1));
            else done(null, fd);
          });
          return;
        }
        fs.close(fd, () => done(error, -1));
      });
    });
  },

  status(file) {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    return found && { size: found.size, mtimeMs: found.mtimeMs, directory: found.isDirectory() };
  },

  list(directory) {
    try {
      return fs.readdirSync(directory);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  },

  makeDirectory: (directory) => void fs.mkdirSync(directory, { recursive: true }),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.rmSync(file, { force: true }),
  removeLater: (file, done) => fs.rm(file, { force: true }, (error) => done(error)),
  removeTree: (directory) => fs.rmSync(directory, { force: true, recursive: true }),

  syncDirectory(directory) {
    const fd = fs.openSync(directory, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },

  syncDirectoryLater: syncEntry,

  space(directory) {
    const { blocks, bfree, bavail, bsize } = fs.statfsSync(directory);
    return { total: blocks * bsize, free: bfree * bsize, available: bavail * bsize };
  },
};

function syncEntry(directory: string, done: (error: Error | null) => void): void {
  fs.open(directory, 'r', (openError, fd) => {
    if (openError) {
      done(openError);
      return;
    }
    fs.fsync(fd, (error) => fs.close(fd, () => done(error)));
  });
}
