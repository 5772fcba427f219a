import { printable, type Logger } from '@nest-rocketmq/runtime';
import type { RemotingLimits } from './limits.ts';

/** Bounds the connections of a server: all of them, and those of one address. */
export class ConnectionCounts {
  readonly #limits: Pick<RemotingLimits, 'maxConnections' | 'maxConnectionsPerIp'>;
  readonly #logger: Logger;
  readonly #byIp = new Map<string, number>();
  #all = 0;
  #full = false;
  /** The addresses that were told to the log, until they leave room. */
  readonly #complained = new Set<string>();

  constructor(limits: Pick<RemotingLimits, 'maxConnections' | 'maxConnectionsPerIp'>, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** Lets a connection in; false when there are too many. Every one that was let in has to {@link leave}. */
  enter(ip: string): boolean {
    const { maxConnections, maxConnectionsPerIp } = this.#limits;
    if (this.#all >= maxConnections) {
      if (!this.#full)
        this.#logger.warn(`${maxConnections} connections are open: closing new ones until some leave`);
      this.#full = true;
      return false;
    }
    this.#full = false;
    const count = this.#byIp.get(ip) ?? 0;
    if (count >= maxConnectionsPerIp) {
      if (!this.#complained.has(ip)) {
        this.#complained.add(ip);
        this.#logger.warn(
          `${maxConnectionsPerIp} connections of ${printable(ip)} are open: closing new ones until some leave`,
        );
      }
      return false;
    }
    this.#all++;
    this.#byIp.set(ip, count + 1);
    return true;
  }

  /** The end of a connection that was let in. */
  leave(ip: string): void {
    this.#all--;
    const count = (this.#byIp.get(ip) ?? 1) - 1;
    this.#complained.delete(ip);
    if (count > 0) this.#byIp.set(ip, count);
    else this.#byIp.delete(ip);
  }
}
