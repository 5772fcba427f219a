import type { RemotingLimits } from './limits.ts';

/** Bounds the requests of one connection that are being served, by number and by the bytes of their bodies. */
export class Admission {
  readonly #limits: Pick<RemotingLimits, 'maxPendingRequests' | 'maxPendingBytes'>;
  #requests = 0;
  #bytes = 0;

  constructor(limits: Pick<RemotingLimits, 'maxPendingRequests' | 'maxPendingBytes'>) {
    this.#limits = limits;
  }

  /** Lets a request in; false when there are too many. One alone is never too large: its frame was not. */
  admit(bytes: number): boolean {
    if (this.#requests >= this.#limits.maxPendingRequests) return false;
    if (this.#requests > 0 && this.#bytes + bytes > this.#limits.maxPendingBytes) return false;
    this.#requests++;
    this.#bytes += bytes;
    return true;
  }

  /** The end of a request that {@link admit} let in. */
  settle(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
  }
}
