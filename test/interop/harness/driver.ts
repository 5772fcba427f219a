import { Child } from './child.ts';

/** What a driver says besides answering: something that one of its consumers got, for example. */
export type DriverEvent = Record<string, unknown>;

interface Line extends DriverEvent {
  id?: number;
  result?: unknown;
  error?: string;
}

const CALL_TIMEOUT_MS = 150_000;

/**
 * A program with a client of another make in it, in a process of its own: it takes a JSON command a line, answers each by a
 * line with its `id`, and tells of what happens by lines without one.
 */
export class Driver {
  readonly #child: Child;
  readonly #waiting = new Map<number, (answer: Line) => void>();
  #lastId = 0;

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    onEvent: (event: DriverEvent) => void = () => undefined,
  ) {
    this.#child = new Child(name, command, args, (text) => {
      const line = JSON.parse(text) as Line;
      if (line.id === undefined) onEvent(line);
      else this.#waiting.get(line.id)?.(line);
    });
    this.#child.onExit(() => {
      for (const settle of this.#waiting.values()) settle({ error: 'it ended' });
    });
  }

  get exited(): boolean {
    return this.#child.exited;
  }

  /** The end of what it printed on standard error. */
  get logTail(): string {
    return this.#child.logTail;
  }

  /** Calls the program; fails with what it answers, or when it ends or says nothing. */
  async call<T>(call: string, parameters: object): Promise<T> {
    const failed = (reason: string): Error =>
      new Error(`${this.#child.name}, ${call}: ${reason}\n${this.logTail}`);
    if (this.exited) throw failed('it has ended');
    const id = ++this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Line>((resolve) => {
      this.#waiting.set(id, resolve);
      timer = setTimeout(() => resolve({ error: 'no answer' }), CALL_TIMEOUT_MS);
      this.#child.write(JSON.stringify({ id, call, arguments: parameters }));
    });
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (answer.error !== undefined) throw failed(answer.error);
    return answer.result as T;
  }

  /** `kill -9`. */
  kill(): Promise<void> {
    return this.#child.kill();
  }
}
