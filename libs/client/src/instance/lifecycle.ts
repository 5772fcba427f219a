import { RocketMQError } from '@nest-rocketmq/runtime';

type State = 'CREATED' | 'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED';

/** The states a client goes through once: created, running, stopped. */
export class Lifecycle {
  readonly #name: string;
  #state: State = 'CREATED';
  #transition: Promise<void> | undefined;

  /** @param name what to call the client in errors */
  constructor(name: string) {
    this.#name = name;
  }

  get running(): boolean {
    return this.#state === 'RUNNING';
  }

  /** Whether `stop` was called. */
  get stopped(): boolean {
    return this.#state === 'STOPPING' || this.#state === 'STOPPED';
  }

  /** Runs `start` once; calls while it runs, and after it, get its result. It can be tried again when it failed. */
  start(start: () => Promise<void>): Promise<void> {
    if (this.stopped) return Promise.reject(this.#error('it was shut down: make a new one'));
    if (this.#transition) return this.#transition;
    this.#state = 'STARTING';
    this.#transition = start().then(
      () => {
        if (this.#state === 'STARTING') this.#state = 'RUNNING';
      },
      (error: unknown) => {
        if (this.#state === 'STARTING') this.#state = 'CREATED';
        this.#transition = undefined;
        throw error;
      },
    );
    return this.#transition;
  }

  /** Runs `stop` once, after a start that is under way; without a start there is nothing to do. */
  stop(stop: () => Promise<void>): Promise<void> {
    if (this.stopped) return this.#transition ?? Promise.resolve();
    const starting = this.#transition ?? Promise.resolve();
    const started = this.#state !== 'CREATED';
    this.#state = 'STOPPING';
    this.#transition = starting
      .catch(() => undefined)
      .then(() => (started ? stop() : undefined))
      .finally(() => {
        this.#state = 'STOPPED';
      });
    return this.#transition;
  }

  /** @throws RocketMQError `WRONG_STATE` when it isn't running */
  checkRunning(): void {
    if (this.#state === 'RUNNING') return;
    throw this.#error(this.stopped ? 'it was shut down' : 'call start() first, and wait for it');
  }

  #error(what: string): RocketMQError {
    return new RocketMQError('WRONG_STATE', `${this.#name} is not running: ${what}`);
  }
}
