import { Injectable } from '@nestjs/common';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientFactory } from './client-factory.ts';
import { RocketMQConnection } from './connection.ts';
import { resolveOptions } from './options.ts';

/** The connections of one application, by name. An ordinary provider: two applications in one process share nothing. */
@Injectable()
export class Connections {
  readonly #connections = new Map<string, RocketMQConnection>();
  readonly #factory: ClientFactory;

  constructor(factory: ClientFactory) {
    this.#factory = factory;
  }

  /** @throws RocketMQError `INVALID_CONFIG` when the options are wrong, or the name is taken */
  add(name: string, options: unknown): RocketMQConnection {
    if (this.#connections.has(name)) {
      throw new RocketMQError(
        'INVALID_CONFIG',
        `RocketMQModule is imported twice with the name '${name}': give one of them another name, ` +
          `as in RocketMQModule.forRoot({ name: 'analytics', ... })`,
      );
    }
    const connection = new RocketMQConnection(name, resolveOptions(options, name), this.#factory);
    this.#connections.set(name, connection);
    return connection;
  }

  get(name: string): RocketMQConnection | undefined {
    return this.#connections.get(name);
  }

  get all(): RocketMQConnection[] {
    return [...this.#connections.values()];
  }

  get names(): string[] {
    return [...this.#connections.keys()];
  }

  /** Starts all; when one can't, none stays open. */
  async start(): Promise<void> {
    const starting = await Promise.allSettled(this.all.map((connection) => connection.start()));
    const failed = starting.find((result) => result.status === 'rejected');
    if (!failed) return;
    await this.close();
    throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((connection) => connection.close()));
  }
}
