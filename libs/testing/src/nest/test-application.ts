import type { LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { getRocketMQOptionsToken, type RocketMQModuleOptions } from 'nest-rocketmq';
import { TestCluster, type TestClusterOptions } from '../test-cluster.ts';

/** How an application is started for a test. */
export interface TestApplicationOptions extends TestClusterOptions {
  /** A cluster that is there already; it is left when the application closes. Default: one of its own. */
  cluster?: TestCluster;
  /** The names of the application's connections. Default: the unnamed one. All lead to the one cluster. */
  connections?: readonly string[];
  /** Options of `RocketMQModule`, over those of the cluster. */
  rocketmq?: Omit<RocketMQModuleOptions, 'nameServer' | 'embedded'>;
  /** For more overrides: `(builder) => builder.overrideProvider(Mail).useValue(mail)`. */
  configure?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Nest's log. Default false: none. */
  nestLogger?: LoggerService | false;
}

/**
 * An application on a cluster of its own: its listeners run, and what it sends, gets and gives up can be looked at by
 * `cluster`. `await using app = await TestApplication.start({ imports: [AppModule] })`.
 */
export class TestApplication {
  readonly cluster: TestCluster;
  /** Nest's testing module: its application context. */
  readonly module: TestingModule;
  readonly #ownCluster: boolean;
  #closed: Promise<void> | undefined;

  private constructor(cluster: TestCluster, ownCluster: boolean, module: TestingModule) {
    this.cluster = cluster;
    this.#ownCluster = ownCluster;
    this.module = module;
  }

  /**
   * Starts a cluster, and the application on it: its modules are those it has in production, of which the options of
   * `RocketMQModule` are overridden.
   * @throws what stops the boot
   */
  static async start(
    metadata: ModuleMetadata,
    options: TestApplicationOptions = {},
  ): Promise<TestApplication> {
    const {
      cluster: given,
      connections = [undefined],
      rocketmq,
      configure,
      nestLogger = false,
      ...own
    } = options;
    const cluster = given ?? (await TestCluster.start(own));
    try {
      let builder = Test.createTestingModule(metadata);
      for (const connection of connections) {
        const token = getRocketMQOptionsToken(connection);
        builder = builder.overrideProvider(token).useValue(cluster.options(rocketmq));
      }
      const module = await (configure?.(builder) ?? builder).setLogger(nestLogger || SILENT).compile();
      const application = new TestApplication(cluster, given === undefined, module);
      await module.init();
      return application;
    } catch (error) {
      if (given === undefined) await cluster.stop();
      throw error;
    }
  }

  /** A provider of the application, wherever it is. */
  get<T>(token: Type<T> | string | symbol): T {
    return this.module.get<T>(token, { strict: false });
  }

  /** Closes the application, then its cluster. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** As {@link close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.module.close();
    if (this.#ownCluster) await this.cluster.stop();
  }
}

const SILENT: LoggerService = { log() {}, error() {}, warn() {} };
