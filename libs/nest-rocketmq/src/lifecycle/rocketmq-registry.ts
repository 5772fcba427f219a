import { Injectable } from '@nestjs/common';
import type { MessageQueue } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { GroupPlan } from '../listener/group-plan.ts';
import type { ListenerContainer, ListenerState } from '../listener/listener-container.ts';
import { Connections } from '../module/connections.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';
import { consumerLag, type QueueLag } from './consumer-lag.ts';

/** A consumer group of this application, as it is at the moment. */
export interface ListenerInfo {
  readonly connection: string;
  readonly consumerGroup: string;
  /** Topic to expression, which is tags or SQL92. */
  readonly subscription: Readonly<Record<string, string>>;
  /** As `Class.method`. */
  readonly handlers: readonly string[];
  readonly state: ListenerState;
  /** How many handlers may run at the same time, and how many do. */
  readonly concurrency: number;
  readonly running: number;
  /** The queues that this process reads. */
  readonly queues: readonly MessageQueue[];
}

/** A cluster that this application is connected to. */
export interface ConnectionInfo {
  readonly name: string;
  /** `host:port` of the NameServers, separated by `;`. */
  readonly nameServer: string;
  /** Of an embedded cluster: `host:port` of its broker, and the directory of its files. */
  readonly embedded: { readonly brokerAddress: string; readonly storePath: string } | undefined;
}

/** The application's listeners and connections at run time. Injectable everywhere. */
@Injectable()
export class RocketMQRegistry {
  readonly #connections: Connections;
  readonly #containers: ListenerContainer[] = [];

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** All groups of this application. */
  list(): ListenerInfo[] {
    return this.#containers.map((container) => {
      const { connection, consumerGroup, routes, handlers } = container.plan;
      return {
        connection,
        consumerGroup,
        subscription: Object.fromEntries(routes.expressions()),
        handlers: [...new Set(handlers.map(({ declaration }) => declaration.name))],
        state: container.state,
        concurrency: container.concurrency,
        running: container.running,
        queues: container.queues,
      };
    });
  }

  /** All connections of this application, from `onModuleInit` on. @throws RocketMQError `WRONG_STATE` before and after */
  connections(): ConnectionInfo[] {
    return this.#connections.all.map(({ name, nameServer, embedded }) => ({ name, nameServer, embedded }));
  }

  /** Starts a group that was stopped; a running one is left as it is. @throws RocketMQError when there is no such group */
  start(consumerGroup: string, connection?: string): Promise<void> {
    return this.#find(consumerGroup, connection).start();
  }

  /**
   * Stops a group: its queues go to the other members, running handlers may end within the module's `shutdown.drain`.
   * @throws RocketMQError when there is no such group
   */
  stop(consumerGroup: string, connection?: string): Promise<void> {
    return this.#stop(this.#find(consumerGroup, connection));
  }

  /** Lets a group pull nothing more; it keeps its queues. @throws RocketMQError when there is no such group */
  pause(consumerGroup: string, connection?: string): void {
    this.#find(consumerGroup, connection).pause();
  }

  /** Ends {@link pause}. @throws RocketMQError when there is no such group */
  resume(consumerGroup: string, connection?: string): void {
    this.#find(consumerGroup, connection).resume();
  }

  /**
   * Changes how many handlers of a group run at the same time, until the application ends.
   * @param concurrency 1..1000
   * @throws RocketMQError when there is no such group, or `concurrency` is none of these
   */
  resize(consumerGroup: string, concurrency: number, connection?: string): void {
    const container = this.#find(consumerGroup, connection);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1000) {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `The concurrency of the group ${consumerGroup} can't be ${concurrency}: it must be a whole number from 1 to 1000`,
      );
    }
    container.resize(concurrency);
  }

  /**
   * How far a group is behind in each queue of its topics, running or not: its brokers are asked.
   * @throws RocketMQError when there is no such group, or a broker can't be reached
   */
  async lag(consumerGroup: string, connection?: string): Promise<QueueLag[]> {
    const { plan } = this.#find(consumerGroup, connection);
    const owner = this.#connections.get(plan.connection);
    if (!owner) return [];
    const topics = [...plan.routes.expressions()].map(([topic]) => topic);
    return consumerLag(await owner.admin(), owner.namespace, consumerGroup, topics);
  }

  /** @internal The groups as they are planned, from `onModuleInit` on. */
  get plans(): readonly GroupPlan[] {
    return this.#containers.map(({ plan }) => plan);
  }

  /** @internal */
  register(containers: readonly ListenerContainer[]): void {
    this.#containers.push(...containers);
  }

  /** @internal */
  async startAll(): Promise<void> {
    const starting = this.#containers.filter(({ plan }) => plan.settings.autoStart !== false);
    await Promise.all(starting.map((container) => container.start()));
  }

  /** @internal */
  async stopAll(): Promise<void> {
    await Promise.all(this.#containers.map((container) => this.#stop(container)));
  }

  #stop(container: ListenerContainer): Promise<void> {
    const { connection, settings } = container.plan;
    return container.stop(settings.drain ?? this.#connections.get(connection)?.options.shutdown.drain ?? 0);
  }

  #find(consumerGroup: string, connection: string = DEFAULT_CONNECTION): ListenerContainer {
    const found = this.#containers.find(
      ({ plan }) => plan.consumerGroup === consumerGroup && plan.connection === connection,
    );
    if (found) return found;
    const groups = this.#containers
      .map(({ plan }) => `${plan.consumerGroup} (${plan.connection})`)
      .join(', ');
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `No listener has the group ${consumerGroup} on connection '${connection}'. The application has: ${groups || 'none'}`,
    );
  }
}
