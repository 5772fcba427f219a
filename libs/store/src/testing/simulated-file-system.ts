import type { OpenMode } from '../files/file-system.ts';
import { type MemoryFile, MemoryFileSystem, type PendingWrite } from './memory-file-system.ts';

/** What reaches the disk whole or not at all: a sector. */
const BLOCK = 512;

/** A change of names or sizes that a power cut may take back. */
interface MetadataChange {
  file: MemoryFile | undefined;
  sequence: number;
  undo: () => void;
}

/** Chances for what the machine does: whole numbers from 0 to below `bound`. */
export type Chance = (bound: number) => number;

/**
 * A disk and its kernel for deterministic simulation: calls of the thread pool end when {@link completeOne} says so, in
 * any order; a power cut drops, tears and reorders the writes that were not durable when it came, block by block, and
 * takes back the newest changes of names and sizes.
 *
 * Names and sizes follow a journal, as ext4's do: they become durable in their order, all of them by `syncDirectory`,
 * those up to a file's own by its `fdatasync`. An `fdatasync` covers the writes made before it was called, not those made
 * while it was under way; one that fails leaves its writes in memory only, and the next one does not know of them.
 */
export class SimulatedFileSystem extends MemoryFileSystem {
  readonly #chance: Chance;
  #calls: (() => void)[] = [];
  #journal: MetadataChange[] = [];
  /** An fdatasync has failed: what it was to write is in memory, and will never be on the disk. */
  lostWrites = false;

  constructor(chance: Chance, now?: () => number) {
    super(now);
    this.#chance = chance;
  }

  /** Calls that have begun and not ended. */
  get callsUnderWay(): number {
    return this.#calls.length;
  }

  /** Ends one of the calls under way, any of them. @returns false when there is none */
  completeOne(): boolean {
    const [call] = this.#calls.splice(this.#chance(this.#calls.length), 1);
    call?.();
    return call !== undefined;
  }

  override kill(): void {
    super.kill();
    this.#calls = [];
  }

  /** The power goes: what was not durable is lost, torn or kept by chance. */
  powerCut(): void {
    this.kill();
    const kept = this.#chance(this.#journal.length + 1);
    for (const change of this.#journal.splice(kept).toReversed()) change.undo();
    this.#journal = [];
    this.lostWrites = false;
    for (const file of this.files.values()) {
      const size = file.bytes.length;
      const left = Buffer.alloc(size);
      file.durable.copy(left);
      const fate = this.#chance(4);
      if (fate === 0) for (const { position, bytes } of file.pending) bytes.copy(left, position);
      else if (fate > 1) this.#tear(file.pending, left);
      file.bytes = left;
      file.durable = Buffer.from(left);
      file.pending = [];
    }
  }

  override open(path: string, mode: OpenMode): number {
    const before = this.files.get(path);
    const fd = super.open(path, mode);
    const after = this.files.get(path);
    if (after !== before) {
      this.#changed(after, () => {
        if (before) this.files.set(path, before);
        else this.files.delete(path);
      });
    }
    return fd;
  }

  override truncate(fd: number, size: number): void {
    const file = this.file(fd);
    const before = file.bytes.length;
    if (size === before) {
      super.truncate(fd, size);
      return;
    }
    const tail = file.durable.subarray(size);
    const lost = file.pending
      .filter(({ position, bytes }) => position + bytes.length > size)
      .map((write) => {
        const cut = Math.max(0, size - write.position);
        return { ...write, position: write.position + cut, bytes: write.bytes.subarray(cut) };
      });
    super.truncate(fd, size);
    this.#changed(file, () => {
      if (size > before) {
        file.durable = file.durable.subarray(0, before);
      } else {
        // What was behind the cut is there again; what is before it may have become durable since.
        const whole = Buffer.alloc(size + tail.length);
        file.durable.copy(whole, 0, 0, size);
        tail.copy(whole, size);
        file.durable = whole;
        file.pending = [...lost, ...file.pending];
      }
      file.bytes = Buffer.alloc(before);
    });
  }

  override makeDirectory(path: string): void {
    const known = this.directories.has(path);
    const before = new Set(known ? [] : this.directories);
    super.makeDirectory(path);
    if (known) return;
    this.#changed(undefined, () => {
      for (const directory of this.directories)
        if (!before.has(directory)) this.directories.delete(directory);
    });
  }

  override rename(from: string, to: string): void {
    const replaced = this.files.get(to);
    super.rename(from, to);
    const file = this.files.get(to);
    this.#changed(file, () => {
      if (file) this.files.set(from, file);
      if (replaced) this.files.set(to, replaced);
      else this.files.delete(to);
    });
  }

  override remove(path: string): void {
    const file = this.files.get(path);
    super.remove(path);
    this.#removed(path, file);
  }

  override removeLater(path: string, done: (error: Error | null) => void): void {
    const file = this.files.get(path);
    super.removeLater(path, done);
    this.#removed(path, file);
  }

  override syncDirectory(): void {
    this.#journal = [];
  }

  override fdatasync(fd: number, done: (error: Error | null) => void): void {
    const file = this.file(fd);
    const path = this.pathOf(fd);
    const { sequence } = this;
    this.later(() => {
      let failure: Error | null = null;
      try {
        this.#sync(file, path, sequence);
      } catch (error) {
        failure = error as Error;
      }
      done(failure);
    });
  }

  override fdatasyncSync(fd: number): void {
    this.#sync(this.file(fd), this.pathOf(fd), this.sequence);
  }

  protected override schedule(call: () => void): void {
    this.#calls.push(call);
  }

  #sync(file: MemoryFile, path: string, sequence: number): void {
    const written = file.pending.filter((write) => write.sequence <= sequence);
    try {
      this.check('fdatasync', path);
      const durable = Buffer.alloc(Math.max(file.durable.length, file.bytes.length));
      file.durable.copy(durable);
      for (const { position, bytes } of written) bytes.copy(durable, position);
      file.durable = durable;
      const last = this.#journal.findLastIndex(
        (change) => change.file === file && change.sequence <= sequence,
      );
      this.#journal.splice(0, last + 1);
    } catch (error) {
      this.lostWrites ||= written.length > 0;
      throw error;
    } finally {
      file.pending = file.pending.filter((write) => write.sequence > sequence);
    }
  }

  #changed(file: MemoryFile | undefined, undo: () => void): void {
    this.#journal.push({ file, sequence: this.sequence, undo });
  }

  #removed(path: string, file: MemoryFile | undefined): void {
    if (file) this.#changed(undefined, () => void this.files.set(path, file));
  }

  /** A block reached the disk at some moment: it holds what was written to it by then, and nothing later. */
  #tear(pending: readonly PendingWrite[], left: Buffer): void {
    const moments = new Map<number, number>();
    const moment = (block: number): number => {
      let drawn = moments.get(block);
      if (drawn === undefined) moments.set(block, (drawn = this.#chance(pending.length + 1)));
      return drawn;
    };
    for (const [order, { position, bytes }] of pending.entries()) {
      for (let at = 0; at < bytes.length;) {
        const block = Math.floor((position + at) / BLOCK);
        const end = Math.min(bytes.length, (block + 1) * BLOCK - position);
        if (order < moment(block)) bytes.copy(left, position + at, at, end);
        at = end;
      }
    }
  }
}
