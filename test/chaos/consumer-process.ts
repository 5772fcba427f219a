import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'consumer-process.js');

/** A push consumer in a process of its own (`consumer-process.js`), which may leave or be killed. */
export class ConsumerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(args: string[], onConsumed: (id: string) => void) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', onConsumed);
  }

  /** Starts it; it joins its group as soon as it can. */
  static async start(
    nameServer: string,
    group: string,
    topic: string,
    onConsumed: (id: string) => void,
  ): Promise<ConsumerProcess> {
    const consumer = new ConsumerProcess([nameServer, group, topic], onConsumed);
    await new Promise<void>((resolve, reject) => {
      consumer.#child.once('spawn', resolve);
      consumer.#child.once('error', reject);
    });
    return consumer;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** SIGTERM: it gives its queues back and commits. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
