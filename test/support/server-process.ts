import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ServerProcessOptions {
  /** The program and its arguments. */
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** The server serves once its standard output matches this. */
  ready: RegExp;
  /** Milliseconds until it must be ready; default 60,000. */
  timeoutMs?: number;
}

/** A server in a process of its own, which a test may stop politely or kill. Its last output is kept for errors. */
export class ServerProcess {
  #output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | string>;
  #running = true;
  /** Milliseconds from spawning it to its ready line. */
  readyAfterMs = 0;

  private constructor(private readonly options: ServerProcessOptions) {
    this.#child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#output += `${error.message}\n`;
        this.#running = false;
        resolve(error.message);
      });
      this.#child.once('exit', (code, signal) => {
        this.#running = false;
        resolve(code ?? signal ?? 'unknown');
      });
    });
  }

  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.#untilReady();
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#running;
  }

  /** The end of what it printed, both streams. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with the exit code, or with the name of the signal that ended it. */
  get exited(): Promise<number | string> {
    return this.#exited;
  }

  /** SIGTERM, and SIGKILL if it is still there after `timeoutMs` (default 30,000). Resolves with how it ended. */
  async stop(timeoutMs = 30_000): Promise<number | string> {
    if (this.#running) this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
    const ended = await this.#exited;
    clearTimeout(timer);
    return ended;
  }

  /** kill -9, without a word. */
  async kill(): Promise<void> {
    if (this.#running) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Resident memory in bytes, as the kernel counts it; `anonymous` leaves mapped files out. Linux only. */
  residentMemory(): { total: number; anonymous: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { total: kilobytes('VmRSS') * 1024, anonymous: kilobytes('RssAnon') * 1024 };
  }

  #untilReady(): Promise<void> {
    const startedAt = performance.now();
    const { ready, timeoutMs = 60_000, command, args } = this.options;
    const told = (): string => `${command} ${args.join(' ')}\n${this.#output}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not ready after ${timeoutMs} ms: ${told()}`)),
        timeoutMs,
      );
      const onData = (chunk: Buffer): void => {
        this.#output = (this.#output + chunk.toString()).slice(-16_384);
        if (this.readyAfterMs > 0 || !ready.test(this.#output)) return;
        this.readyAfterMs = performance.now() - startedAt;
        clearTimeout(timer);
        resolve();
      };
      this.#child.stdout?.on('data', onData);
      this.#child.stderr?.on('data', onData);
      void this.#exited.then((code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code} before it was ready: ${told()}`));
      });
    });
  }
}
