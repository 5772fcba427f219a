import type { RemotingLimits } from './limits.ts';

/** What a {@link LivenessWatch} looks at. */
export interface LivenessSigns {
  reader: { readonly frames: number; readonly partial: boolean };
  queue: { readonly inSocket: number; readonly progress: number };
}

/**
 * Decides when a connection is dead: silent for too long, a frame that trickles in, a peer that takes nothing of what waits
 * for it. It adds up the time between its calls, so a clock that is set anew closes nothing.
 */
export class LivenessWatch {
  readonly #limits: RemotingLimits;
  readonly #signs: LivenessSigns;
  #idleFor = 0;
  #partialFor = 0;
  #stuckFor = 0;
  #frames = 0;
  #wasPartial = false;
  #progress = 0;
  #wasWaiting = false;

  constructor(limits: RemotingLimits, signs: LivenessSigns) {
    this.#limits = limits;
    this.#signs = signs;
  }

  /**
   * @param elapsedMs milliseconds since the last call
   * @param active whether anything was read or written since
   * @returns why the connection is to be closed, when it is
   */
  check(elapsedMs: number, active: boolean): string | undefined {
    const { frames, partial } = this.#signs.reader;
    const { inSocket, progress } = this.#signs.queue;
    const { idleMs, partialFrameMs, firstFrameMs, stuckMs } = this.#limits;

    this.#idleFor = active ? 0 : this.#idleFor + elapsedMs;
    this.#partialFor =
      partial && this.#wasPartial && frames === this.#frames ? this.#partialFor + elapsedMs : 0;
    this.#frames = frames;
    this.#wasPartial = partial;
    const waiting = inSocket > 0;
    this.#stuckFor =
      waiting && this.#wasWaiting && progress === this.#progress ? this.#stuckFor + elapsedMs : 0;
    this.#progress = progress;
    this.#wasWaiting = waiting;

    const allowed = frames === 0 ? firstFrameMs : partialFrameMs;
    if (this.#partialFor >= allowed) return `a frame did not arrive whole within ${allowed} ms`;
    if (this.#stuckFor >= stuckMs) return `the peer read nothing of what waited for it for ${stuckMs} ms`;
    if (this.#idleFor >= idleMs) return `nothing was read or written for ${idleMs} ms`;
    return undefined;
  }
}
