import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import type { JsonConfigFile } from '@nest-rocketmq/store';
import type { ConfigFile } from './config/config-file.ts';

const RETRY_MS = 5000;

/**
 * A file under `store/config` that can't be written for a while, as on a full disk: the broker goes on serving, says so
 * in its log, and tries again until it succeeds.
 */
export class RetryingConfigFile implements ConfigFile {
  readonly #name: string;
  readonly #file: Pick<JsonConfigFile, 'load' | 'persist' | 'sync'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #retry: Scheduled | undefined;
  #closed = false;

  constructor(
    name: string,
    file: Pick<JsonConfigFile, 'load' | 'persist' | 'sync'>,
    parts: { clock: Clock; logger: Logger },
  ) {
    this.#name = name;
    this.#file = file;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  load(): ReturnType<ConfigFile['load']> {
    return this.#file.load();
  }

  persist(value: unknown): void {
    const failedBefore = this.#retry !== undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    try {
      this.#file.persist(value, (error) => this.#failed(value, error, false));
      if (failedBefore) this.#logger.info(`${this.#name} is written again`);
    } catch (error) {
      this.#failed(value, error, failedBefore);
    }
  }

  /** Makes what was written durable, and gives up trying. What could not be written is lost with the process. */
  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#closed = true;
    try {
      this.#file.sync();
    } catch (error) {
      this.#logger.error(`${this.#name} may not survive a power loss`, error);
    }
  }

  #failed(value: unknown, error: unknown, failedBefore: boolean): void {
    if (this.#closed || this.#retry) return;
    if (!failedBefore)
      this.#logger.error(`${this.#name} can't be written: what changed is in memory alone for now`, error);
    this.#retry = this.#clock.schedule(RETRY_MS, () => this.persist(value));
  }
}
