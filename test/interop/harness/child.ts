import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const LOG_TAIL_CHARACTERS = 8_000;

/** A process that is talked to in lines; what it says on standard error is kept for error messages. */
export class Child {
  readonly name: string;
  private readonly process: ChildProcess;
  private readonly exit: Promise<unknown>;
  private log = '';

  constructor(name: string, command: string, args: readonly string[], onLine: (line: string) => void) {
    this.name = name;
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.exit = once(this.process, 'exit');
    this.process.stdin?.on('error', () => undefined);
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    let rest = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
  }

  get exited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** The end of what it printed on standard error. */
  get logTail(): string {
    return this.log;
  }

  write(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  onExit(listener: () => void): void {
    this.process.once('exit', listener);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.exited) return;
    this.process.kill('SIGKILL');
    await this.exit;
  }

  private keep(text: string): void {
    this.log = (this.log + text).slice(-LOG_TAIL_CHARACTERS);
  }
}
