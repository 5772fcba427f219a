import path from 'node:path';
import type { Clock } from '@nest-rocketmq/runtime';
import { readInt64 } from '@nest-rocketmq/protocol';
import type { FileSystem } from '../files/file-system.ts';
import { IndexFile, type IndexShape } from './index-file.ts';
import { indexFileName, INDEX_SIZE, keyHashOf } from './index-layout.ts';

/** What a query by key found. */
export interface IndexHits {
  offsets: number[];
  /** The newest file's end: how far the index has come. */
  lastUpdateTimestamp: number;
  lastUpdatePhysicalOffset: number;
}

/** The index of message keys: a sequence of {@link IndexFile}s, the newest being filled (IndexService). */
export class IndexFiles {
  readonly directory: string;
  readonly files: IndexFile[] = [];
  /** Records that start before it are indexed already. */
  indexedEnd = 0;
  readonly #fs: FileSystem;
  readonly #clock: Clock;
  readonly #shape: IndexShape;

  constructor(directory: string, shape: IndexShape, fs: FileSystem, clock: Clock) {
    this.directory = directory;
    this.#shape = shape;
    this.#fs = fs;
    this.#clock = clock;
  }

  /**
   * Opens the files on the disk.
   * @param newest after a crash: files with newer keys are removed, since their parts may not fit together; they are
   *   built again from the log
   * @returns whether files with keys were removed
   */
  load(newest: number | undefined): boolean {
    let removed = false;
    const names = this.#fs.list(this.directory).filter((name) => /^\d{17}$/.test(name));
    for (const name of names.toSorted()) {
      const file = path.join(this.directory, name);
      const fd = this.#fs.open(file, 'r+');
      const index = new IndexFile(file, fd, this.#shape, this.#fs);
      const short = (this.#fs.status(file)?.size ?? 0) < IndexFile.sizeOf(this.#shape);
      // One that a crash cut lacks entries or slots that its header counts.
      const whole = index.load() && !(short && newest !== undefined);
      if (!whole || index.indexCount <= 1 || (newest !== undefined && index.endTimestamp > newest)) {
        this.#fs.close(fd);
        this.#fs.remove(file);
        removed ||= !whole || index.indexCount > 1;
        continue;
      }
      if (short) this.#fs.truncate(fd, IndexFile.sizeOf(this.#shape));
      if (newest !== undefined) index.repair();
      this.files.push(index);
    }
    this.indexedEnd = this.files.at(-1)?.endPhyOffset ?? 0;
    return removed;
  }

  /**
   * The log ends at `end`. A power loss can take records whose keys are on the disk already; the records that come in
   * their place must not count as indexed.
   */
  endAt(end: number): void {
    if (this.indexedEnd <= end) return;
    for (const file of this.files) file.endAt(end);
    this.indexedEnd = end;
  }

  /** Store timestamp of the newest message that has a key here, 0 without one. */
  get endTimestamp(): number {
    return this.files.at(-1)?.endTimestamp ?? 0;
  }

  /** Adds a key. Throws the file system's error when a new file cannot be made or written. */
  put(hash: number, physicalOffset: number, storeTimestamp: number): void {
    let newest = this.files.at(-1);
    if (!newest || newest.full) newest = this.#create(newest);
    newest.put(hash, physicalOffset, storeTimestamp);
  }

  /** The places of records that may have the key `topic#key`, newest first; equal hashes come along. */
  query(hash: number, maxNum: number, begin: number, end: number): IndexHits {
    const newest = this.files.at(-1);
    const hits: IndexHits = {
      offsets: [],
      lastUpdateTimestamp: newest?.endTimestamp ?? 0,
      lastUpdatePhysicalOffset: newest?.endPhyOffset ?? 0,
    };
    for (let i = this.files.length - 1; i >= 0 && hits.offsets.length < maxNum; i--) {
      const file = this.files[i];
      if (!file) break;
      if (begin <= file.endTimestamp && end >= file.beginTimestamp)
        this.#walk(file, hash, maxNum, begin, end, hits);
      if (file.beginTimestamp < begin) break;
    }
    return hits;
  }

  #walk(file: IndexFile, hash: number, maxNum: number, begin: number, end: number, hits: IndexHits): void {
    const keyHash = keyHashOf(hash);
    const entry = Buffer.alloc(INDEX_SIZE);
    let number = file.newest(keyHash);
    while (hits.offsets.length < maxNum && file.entry(number, entry)) {
      const time = file.beginTimestamp + entry.readInt32BE(12) * 1000;
      // The stored time is cut to whole seconds: an entry of the begin's own second is still looked at.
      if (time + 999 < begin) return;
      const offset = readInt64(entry, 4);
      const wanted = entry.readInt32BE(0) === keyHash && time <= end;
      // A record that was dispatched again after a crash stands there twice.
      if (wanted && hits.offsets.at(-1) !== offset) hits.offsets.push(offset);
      const previous = entry.readInt32BE(16);
      if (previous >= number) return;
      number = previous;
    }
  }

  /** Removes all files but the last whose keys are all of records before `physicalOffset`. */
  removeBefore(physicalOffset: number): void {
    while (this.files.length > 1 && (this.files[0]?.endPhyOffset ?? 0) < physicalOffset) {
      const file = this.files.shift();
      if (!file) return;
      this.#fs.close(file.fd);
      this.#fs.removeLater(file.path, () => {});
    }
  }

  /** What the newest file has in memory that will be written. */
  get pendingBytes(): number {
    return this.files.at(-1)?.pendingBytes ?? 0;
  }

  close(): void {
    for (const file of this.files) this.#fs.close(file.fd);
    this.files.length = 0;
  }

  #create(previous: IndexFile | undefined): IndexFile {
    this.#fs.makeDirectory(this.directory);
    let now = this.#clock.now();
    while (previous && indexFileName(now) <= path.basename(previous.path)) now++;
    const file = path.join(this.directory, indexFileName(now));
    const fd = this.#fs.open(file, 'c+');
    try {
      this.#fs.truncate(fd, IndexFile.sizeOf(this.#shape));
      if (previous) {
        previous.finish();
      }
    } catch (error) {
      this.#fs.close(fd);
      this.#fs.remove(file);
      throw error;
    }
    const created = new IndexFile(file, fd, this.#shape, this.#fs);
    this.files.push(created);
    return created;
  }
}
