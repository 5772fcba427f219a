import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { planGroups } from '../listener/group-plan.ts';
import { HandlerFactory } from '../listener/handler-factory.ts';
import { ListenerContainer } from '../listener/listener-container.ts';
import { ListenerExplorer } from '../listener/listener-explorer.ts';
import { Connections } from '../module/connections.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';
import { TransactionExplorer } from '../transaction/transaction-explorer.ts';
import { RocketMQRegistry } from './rocketmq-registry.ts';

/**
 * The order in which everything of this library starts and stops, in one place: Nest runs the hooks of one module's
 * providers in an order that differs between its versions.
 *
 * Connections are open from `onModuleInit` on, so that the application's own hooks can send. Listeners start in
 * `onApplicationBootstrap`, when every `onModuleInit` is done, and drain in `beforeApplicationShutdown`; connections
 * close in `onApplicationShutdown`, so that draining handlers can still send.
 */
@Injectable()
export class Coordinator
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #connections: Connections;
  readonly #explorer: ListenerExplorer;
  readonly #transactions: TransactionExplorer;
  readonly #handlers: HandlerFactory;
  readonly #registry: RocketMQRegistry;

  constructor(
    connections: Connections,
    explorer: ListenerExplorer,
    transactions: TransactionExplorer,
    handlers: HandlerFactory,
    registry: RocketMQRegistry,
  ) {
    this.#connections = connections;
    this.#explorer = explorer;
    this.#transactions = transactions;
    this.#handlers = handlers;
    this.#registry = registry;
  }

  /** A wrong listener stops the boot before anything is connected. */
  async onModuleInit(): Promise<void> {
    const plans = planGroups(
      this.#explorer.explore(),
      (name) => this.#connections.get(name)?.options.consumer,
      this.#connections.names,
      DEFAULT_CONNECTION,
    );
    const containers = plans.flatMap((plan) => {
      const connection = this.#connections.get(plan.connection);
      return connection ? [new ListenerContainer(plan, connection, this.#handlers)] : [];
    });
    this.#registry.register(containers);
    this.#transactions.register();
    await this.#connections.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.#registry.startAll();
    } catch (error) {
      // Nest calls no shutdown hook of an application that failed to start.
      await this.#registry.stopAll();
      await this.#connections.close();
      throw error;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#registry.stopAll();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#connections.close();
  }
}
