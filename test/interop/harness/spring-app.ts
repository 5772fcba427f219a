import { Child } from './child.ts';
import { javaArguments, removeDirectory, rocketmqHome } from './java-home.ts';
import { driverClassPath } from './toolchain.ts';
import { PATIENCE_MS, until } from './until.ts';

/** The topics that the application's listeners have. */
export interface SpringTopics {
  /** Gets the message itself, of tag `a` or `b`. */
  raw: string;
  /** Gets an `Order`. */
  orders: string;
  /** Gets text. */
  texts: string;
  /** Replies with a `Quote`. */
  quotes: string;
}

/** What a template method is called with. */
export interface SpringCall {
  destination: string;
  payload: unknown;
  headers?: Record<string, string>;
  hashKey?: string;
  arg?: string;
}

interface Line {
  event?: 'started' | 'heard';
  id?: number;
  result?: unknown;
  error?: string;
  listener?: string;
  what?: unknown;
}

const START_TIMEOUT_MS = PATIENCE_MS;
const CALL_TIMEOUT_MS = PATIENCE_MS;

/** A Spring Boot application with rocketmq-spring-boot-starter (`java-spring/SpringApp.java`) in a JVM of its own. */
export class SpringApp {
  readonly #child: Child;
  readonly #home: string;
  readonly #heard: { listener: string; what: unknown }[] = [];
  readonly #answers = new Map<number, Line>();
  #started = false;
  #lastId = 0;

  private constructor(nameServer: string, group: string, topics: SpringTopics) {
    this.#home = rocketmqHome('spring');
    const settings = {
      'rocketmq.name-server': nameServer,
      'rocketmq.producer.group': group,
      'logging.level.root': 'WARN',
      ...Object.fromEntries(
        Object.entries(topics).map(([name, topic]) => [`interop.${name}`, topic as string]),
      ),
    };
    const path = driverClassPath('spring-2.3.5');
    this.#child = new Child(
      'Spring Boot application',
      'java',
      [
        ...javaArguments(this.#home, '512m', path, 'interop.SpringApp'),
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      (line) => this.#said(JSON.parse(line) as Line),
    );
  }

  /** Starts it, and waits until its listeners run. */
  static async start(nameServer: string, group: string, topics: SpringTopics): Promise<SpringApp> {
    const app = new SpringApp(nameServer, group, topics);
    try {
      await app.#wait('the Spring application started', () => app.#started, START_TIMEOUT_MS);
    } catch (error) {
      await app.close();
      throw error;
    }
    return app;
  }

  /** Calls a method of its template; fails with what Java threw. */
  async call<T>(call: string, what: SpringCall): Promise<T> {
    const id = ++this.#lastId;
    this.#child.write(JSON.stringify({ id, call, ...what }));
    const answer = await this.#wait(`${call} is done`, () => this.#answers.get(id), CALL_TIMEOUT_MS);
    this.#answers.delete(id);
    if (answer.error !== undefined) throw new Error(`Spring, ${call}: ${answer.error}`);
    return answer.result as T;
  }

  /** What a listener has heard, once that is so much. */
  heard<T>(listener: string, count: number): Promise<T[]> {
    const so = () => this.#heard.filter((one) => one.listener === listener).map(({ what }) => what as T);
    return this.#wait(`${listener} heard ${count}`, () => so().length >= count && so(), CALL_TIMEOUT_MS, so);
  }

  async close(): Promise<void> {
    await this.#child.kill();
    removeDirectory(this.#home);
  }

  #wait<T>(what: string, probe: () => T, timeoutMs: number, seen?: () => unknown) {
    const said = () => [seen?.(), this.#child.logTail];
    return until(what, () => this.#child.exited || probe(), timeoutMs, said).then((found) => {
      if (this.#child.exited) throw new Error(`the Spring application ended:\n${this.#child.logTail}`);
      return found as Exclude<T, undefined | null | false | 0 | ''>;
    });
  }

  #said({ event, id, listener, what, ...answer }: Line): void {
    if (event === 'started') this.#started = true;
    else if (event === 'heard') this.#heard.push({ listener: listener ?? '', what });
    else if (id !== undefined) this.#answers.set(id, answer);
  }
}
