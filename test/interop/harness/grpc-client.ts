import { Driver } from './driver.ts';
import { javaArguments, removeDirectory, rocketmqHome } from './java-home.ts';
import { driverClassPath } from './toolchain.ts';
import { until } from './until.ts';

/** A message for the gRPC producer. */
export interface GrpcMessage {
  topic: string;
  body: string;
  tag?: string;
  key?: string;
  /** Messages of one group are delivered in order (topics of type FIFO). */
  messageGroup?: string;
  /** Milliseconds until it is delivered (topics of type DELAY). */
  delay?: number;
  properties?: Record<string, string>;
  /** Sends it in a transaction that ends like this; the answer to a check is the property `checked`. */
  end?: 'COMMIT' | 'ROLLBACK' | 'NONE';
}

/** A message as the gRPC client saw it. */
export interface GrpcSeenMessage {
  messageId: string;
  body: string;
  tag: string | null;
  keys: string[];
  messageGroup: string | null;
  properties: Record<string, string>;
  /** 1 for the first delivery. */
  attempt: number;
}

/** What is subscribed: by `tags`, by `sql`, or all. */
export interface GrpcSubscription {
  group: string;
  topic: string;
  tags?: string;
  sql?: string;
}

/** A JVM with RocketMQ's gRPC client in it (`java-grpc/GrpcClient.java`): a producer, and consumers by their groups. */
export class GrpcClient {
  readonly #driver: Driver;
  readonly #home = rocketmqHome('grpc');
  readonly #pushed = new Map<string, GrpcSeenMessage[]>();

  /** @param endpoint the proxy's address; `topics` are what the producer sends to */
  constructor(endpoint: string, topics: readonly string[]) {
    const path = driverClassPath('grpc-5.2.0');
    this.#driver = new Driver(
      'gRPC client',
      'java',
      [...javaArguments(this.#home, '512m', path, 'interop.GrpcClient'), endpoint, ...topics],
      (event) => {
        const { group, message } = event as unknown as { group: string; message: GrpcSeenMessage };
        this.#pushed.get(group)?.push(message);
      },
    );
  }

  send(message: GrpcMessage): Promise<{ messageId: string; recallHandle: string }> {
    return this.#driver.call('send', message);
  }

  recall(topic: string, handle: string): Promise<void> {
    return this.#driver.call('recall', { topic, handle });
  }

  /** Starts a SimpleConsumer. */
  async subscribe(subscription: GrpcSubscription): Promise<GrpcSimpleConsumer> {
    await this.#driver.call('subscribe', subscription);
    return new GrpcSimpleConsumer(this.#driver, subscription.group);
  }

  /** Starts a PushConsumer. What it fails the first time begins with `fails`. @returns what it got, which grows */
  async push(subscription: GrpcSubscription): Promise<readonly GrpcSeenMessage[]> {
    const seen: GrpcSeenMessage[] = [];
    this.#pushed.set(subscription.group, seen);
    await this.#driver.call('push', subscription);
    return seen;
  }

  async close(): Promise<void> {
    await this.#driver.kill();
    removeDirectory(this.#home);
  }
}

/** A SimpleConsumer in that JVM: it takes messages, and says itself what becomes of each. */
export class GrpcSimpleConsumer {
  readonly #driver: Driver;
  readonly #group: string;

  constructor(driver: Driver, group: string) {
    this.#driver = driver;
    this.#group = group;
  }

  /** Takes what is there, waiting up to 5 s for the first; nobody else gets it for `invisible` ms. */
  receive(invisible = 60_000): Promise<GrpcSeenMessage[]> {
    return this.#driver.call('receive', { group: this.#group, invisible });
  }

  ack(message: GrpcSeenMessage): Promise<void> {
    return this.#driver.call('ack', { group: this.#group, messageId: message.messageId });
  }

  changeInvisible(message: GrpcSeenMessage, invisible: number): Promise<void> {
    return this.#driver.call('changeInvisible', {
      group: this.#group,
      messageId: message.messageId,
      invisible,
    });
  }

  /** Takes and acknowledges until there are so many. */
  async take(count: number): Promise<GrpcSeenMessage[]> {
    const taken: GrpcSeenMessage[] = [];
    const enough = async (): Promise<boolean> => {
      for (const message of await this.receive()) {
        taken.push(message);
        await this.ack(message);
      }
      return taken.length >= count;
    };
    await until(`${count} messages`, enough, undefined, () => taken.map(({ body }) => body));
    return taken;
  }
}
