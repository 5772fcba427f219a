import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import type { ConfigFile } from './config/config-file.ts';

const RETRY_MS = 5000;

/**
 * A file under `store/config` that can't be written for a while, as on a full disk: the broker goes on serving, says so
 * in its log, and tries again until it succeeds.
 */
export class RetryingConfigFile implements ConfigFile {
  readonly #name: string;
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #value: unknown;
  #retry: Scheduled | undefined;

  constructor(name: string, file: ConfigFile, parts: { clock: Clock; logger: Logger }) {
    this.#name = name;
    this.#file = file;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  load(): ReturnType<ConfigFile['load']> {
    return this.#file.load();
  }

  persist(value: unknown): void {
    this.#value = value;
    const failedBefore = this.#retry !== undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    try {
      this.#file.persist(value);
      this.#value = undefined;
      if (failedBefore) this.#logger.info(`${this.#name} is written again`);
    } catch (error) {
      if (!failedBefore)
        this.#logger.error(`${this.#name} can't be written: what changed is in memory alone for now`, error);
      this.#retry = this.#clock.schedule(RETRY_MS, () => this.persist(this.#value));
    }
  }

  /** Gives up trying. What could not be written is lost with the process. */
  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }
}
