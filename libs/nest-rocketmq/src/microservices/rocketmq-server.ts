import { Server, type BaseRpcContext, type CustomTransportStrategy } from '@nestjs/microservices';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientFactory } from '../module/client-factory.ts';
import { RocketMQConnection } from '../module/connection.ts';
import { resolveOptions, type RocketMQModuleOptions } from '../module/options.ts';
import { GroupConsumer } from './group-consumer.ts';
import { routesOf } from './pattern-routes.ts';
import { RocketMQStatus } from './status.ts';

/** The transport's id, for applications with several: `@EventPattern('order:created', ROCKETMQ_TRANSPORT)`. */
export const ROCKETMQ_TRANSPORT: unique symbol = Symbol('nest-rocketmq');

/** Options of a server: those of `RocketMQModule.forRoot`. `consumer` has the settings of all its consumer groups. */
export type RocketMQServerOptions = RocketMQModuleOptions;

const CONNECTION = 'microservice';

/**
 * Nest's microservices on RocketMQ: `@EventPattern` and `@MessagePattern` of `topic`, `topic:tag` or `topic:tag || tag`.
 *
 * An event is done when all its handlers have ended well; otherwise it comes again, after RocketMQ's back-off, and goes to
 * the dead letters in the end. A request (of {@link RocketMQClient}, `RocketMQTemplate.sendAndReceive`, or a Java producer's
 * `request`) gets what its handler returned, or the error: it doesn't come again unless the handler says so by `RetryLater`.
 *
 * ```ts
 * app.connectMicroservice({ strategy: new RocketMQServer({ nameServer, consumer: { consumerGroup: 'stock' } }) });
 * await app.startAllMicroservices();
 * ```
 */
export class RocketMQServer
  extends Server<Record<string, never>, RocketMQStatus>
  implements CustomTransportStrategy
{
  override transportId = ROCKETMQ_TRANSPORT;
  /** Failures of events are RocketMQ's to repeat, not only Nest's to log (from Nest 12 on). */
  override readonly propagatesEventHandlerErrors = true;
  readonly #connection: RocketMQConnection;
  #consumers: GroupConsumer[] = [];

  /** @throws RocketMQError `INVALID_CONFIG` naming every option that is unknown or wrong */
  constructor(options: RocketMQServerOptions) {
    super();
    this.#connection = new RocketMQConnection(
      CONNECTION,
      resolveOptions(options, CONNECTION),
      new ClientFactory(),
    );
  }

  /** Connects, and begins to consume. The callback gets what went wrong, if something did. */
  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.close();
      callback(error);
      return;
    }
    callback();
  }

  /** Stops pulling, lets running handlers end within `shutdown.drain`, stores how far the groups came, and disconnects. */
  override async close(): Promise<void> {
    const consumers = this.#consumers;
    this.#consumers = [];
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await this.#connection.close();
    this._status$.next(RocketMQStatus.DISCONNECTED);
  }

  /** There are no events of the connection beside {@link status}. @throws RocketMQError always */
  override on(): never {
    throw new RocketMQError('INVALID_ARGUMENT', 'A RocketMQServer has no events: subscribe to its status');
  }

  /** The client's push consumers, by group; the type is the caller's to say, as Nest has it. */
  override unwrap<T = ReadonlyMap<string, GroupConsumer['consumer']>>(): T {
    return new Map(this.#consumers.map(({ group, consumer }) => [group, consumer])) as T;
  }

  async #start(): Promise<void> {
    const { consumerGroup } = this.#connection.options.consumer;
    const groups = routesOf(this.messageHandlers, consumerGroup);
    this._status$.next(RocketMQStatus.CONNECTING);
    await this.#connection.start();
    this.#consumers = [...groups].map(
      ([group, routes]) =>
        new GroupConsumer(this.#connection, {
          consumerGroup: group,
          routes,
          within: (context, work) => this.#within(context, work),
        }),
    );
    await Promise.all(this.#consumers.map((consumer) => consumer.start()));
    this._status$.next(RocketMQStatus.CONNECTED);
  }

  /** Runs a handler between the hooks that instrumentation sets on Nest's servers. */
  #within<T>(context: BaseRpcContext, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      };
      // The first versions of Nest 11 have no hooks.
      const start = this.onProcessingStartHook as Server['onProcessingStartHook'] | undefined;
      if (start) start(this.transportId, context, run);
      else void run();
    });
  }
}
