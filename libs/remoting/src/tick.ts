/** What a tick empties after its commits: the out queue of a connection. */
export interface Flushable {
  flush(): void;
}

/**
 * So many answers are made before a turn is cut. Half of what a client usually has in flight: it takes in the first
 * half and sends more while the second is worked on, so that neither waits for the other.
 */
const ANSWERS_AT_ONCE = 32;

/**
 * The end of a turn of the event loop: first the commits (the store's one write), then one socket write per
 * connection that has something to say. All sockets that were readable in the turn have been read by then, so a
 * tick carries what they brought in one system call each; and an answer never leaves before its commit.
 *
 * A broker, its server and its store share one tick.
 */
export class Tick {
  readonly #hooks = new Set<() => void>();
  readonly #run = (): void => {
    this.#immediate = undefined;
    this.flushNow();
  };
  #dirty: Flushable[] = [];
  #spare: Flushable[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #asked = 0;
  #running = false;
  #committing = false;

  /**
   * Calls `hook` in every tick before anything is written to a socket. What it throws stops the tick (nothing is
   * written, since nothing may be acknowledged) and goes to the process.
   * @returns takes the hook out again
   */
  onCommit(hook: () => void): () => void {
    // Wrapped, so that one function given twice is two hooks.
    const entry = (): void => hook();
    this.#hooks.add(entry);
    return () => void this.#hooks.delete(entry);
  }

  /** Whether so much waits for this turn's end that it should be cut here, by {@link flushNow}. */
  get crowded(): boolean {
    return this.#asked >= ANSWERS_AT_ONCE;
  }

  /** Whether there is more to come in this turn: a tick that cuts it is not its last. */
  get open(): boolean {
    return this.#immediate !== undefined;
  }

  /** Asks for a tick at the end of this turn of the event loop (`setImmediate`); asking again only makes it more urgent. */
  schedule(): void {
    this.#asked++;
    if (this.#immediate === undefined) this.#immediate = setImmediate(this.#run);
  }

  /** Has `target` flushed in this turn's tick. The caller sees to it that it is added once. */
  add(target: Flushable): void {
    this.#dirty.push(target);
    // What a commit makes ready is flushed right after it.
    if (!this.#committing) this.schedule();
  }

  /** Commits and writes at once: where a turn is cut, for a stop, and for tests. Called from within a tick it does nothing. */
  flushNow(): void {
    if (this.#running) return;
    this.#running = this.#committing = true;
    this.#asked = 0;
    try {
      for (const hook of this.#hooks) hook();
      this.#committing = false;
      this.#flushAll();
    } finally {
      this.#running = this.#committing = false;
    }
  }

  #flushAll(): void {
    const dirty = this.#dirty;
    this.#dirty = this.#spare;
    let done = 0;
    try {
      while (done < dirty.length) dirty[done++]?.flush();
    } finally {
      // One connection's listener that throws must not keep the others from writing.
      for (const left of dirty.slice(done)) this.#dirty.push(left);
      if (this.#dirty.length > 0) this.schedule();
      dirty.length = 0;
      this.#spare = dirty;
    }
  }
}
