import { Driver, type DriverEvent } from './driver.ts';
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

/** A Spring Boot application with rocketmq-spring-boot-starter (`java-spring/SpringApp.java`) in a JVM of its own. */
export class SpringApp {
  readonly #driver: Driver;
  readonly #home: string;
  readonly #heard: { listener: string; what: unknown }[] = [];
  #started = false;

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
    this.#driver = new Driver(
      'Spring Boot application',
      'java',
      [
        ...javaArguments(this.#home, '512m', path, 'interop.SpringApp'),
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      (event) => this.#said(event),
    );
  }

  /** Starts it, and waits until its listeners run. */
  static async start(nameServer: string, group: string, topics: SpringTopics): Promise<SpringApp> {
    const app = new SpringApp(nameServer, group, topics);
    try {
      await app.#wait('the Spring application started', () => app.#started);
    } catch (error) {
      await app.close();
      throw error;
    }
    return app;
  }

  /** Calls a method of its template; fails with what Java threw. */
  call<T>(call: string, what: SpringCall): Promise<T> {
    return this.#driver.call(call, what);
  }

  /** What a listener has heard, once that is so much. */
  heard<T>(listener: string, count: number): Promise<T[]> {
    const so = () => this.#heard.filter((one) => one.listener === listener).map(({ what }) => what as T);
    return this.#wait(`${listener} heard ${count}`, () => so().length >= count && so(), so);
  }

  async close(): Promise<void> {
    await this.#driver.kill();
    removeDirectory(this.#home);
  }

  #wait<T>(what: string, probe: () => T, seen?: () => unknown) {
    const said = () => [seen?.(), this.#driver.logTail];
    return until(what, () => this.#driver.exited || probe(), PATIENCE_MS, said).then((found) => {
      if (this.#driver.exited) throw new Error(`the Spring application ended:\n${this.#driver.logTail}`);
      return found as Exclude<T, undefined | null | false | 0 | ''>;
    });
  }

  #said(event: DriverEvent): void {
    if (event['event'] === 'started') this.#started = true;
    else this.#heard.push({ listener: String(event['listener']), what: event['what'] });
  }
}
