import { MixAll, type SubscriptionData } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { clientSettings, type ClientSettings } from '../instance/client-options.ts';
import { Lifecycle } from '../instance/lifecycle.ts';
import type { MessageQueue } from '../message/message.ts';
import { checkGroup, checkTopic } from '../message/validators.ts';
import { withNamespace, withoutNamespaces } from '../namespace/namespace.ts';
import {
  consumeSettings,
  consumeTimestampMs,
  type ConsumeSettings,
  type PushConsumerOptions,
} from './consumer-options.ts';
import type { MessageListenerConcurrently, MessageListenerOrderly, PushListener } from './consumer-types.ts';
import type { ConsumeMessageHook } from '../trace/hooks.ts';
import { MessageTrace } from '../trace/message-trace.ts';
import { consumeTraceHook } from '../trace/trace-hooks.ts';
import { consumerClientSettings, subscriptionTo } from './consumer-identity.ts';
import type { MessageSelector } from './message-selector.ts';
import { PushRuntime } from './push-runtime.ts';

/**
 * Consumes messages as they come (`DefaultMQPushConsumer`). A message whose listener
 * throws, or says RECONSUME_LATER, is delivered again later, and goes to the dead letters in the end.
 *
 * ```ts
 * const consumer = new DefaultMQPushConsumer({ group: 'stock-service', nameServer: '127.0.0.1:9876' });
 * consumer.subscribe('order', 'created || paid');
 * consumer.onMessage(async ([message]) => { ... });
 * await consumer.start();
 * ```
 */
export class DefaultMQPushConsumer {
  /** The consumer group, with its namespace. */
  readonly group: string;
  readonly #client: ClientSettings;
  readonly #settings: ConsumeSettings;
  readonly #lifecycle: Lifecycle;
  readonly #subscriptions = new Map<string, SubscriptionData>();
  #listener: PushListener | undefined;
  #runtime: PushRuntime | undefined;
  readonly #trace: MessageTrace | undefined;
  readonly #hooks: ConsumeMessageHook[] = [];

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: PushConsumerOptions) {
    checkGroup(options.group, MixAll.DEFAULT_CONSUMER_GROUP);
    this.#settings = consumeSettings(options);
    this.#client = consumerClientSettings(options, this.#settings.messageModel);
    this.group = withNamespace(this.#client.namespace, options.group);
    consumeTimestampMs(this.#settings.consumeTimestamp, 0);
    this.#lifecycle = new Lifecycle(`The consumer of the group ${options.group}`);
    if (options.enableMsgTrace) {
      this.#trace = new MessageTrace(
        clientSettings(options),
        options.group,
        'CONSUME',
        options.customizedTraceTopic,
      );
      this.registerConsumeMessageHook(consumeTraceHook(options.group, this.#trace.append));
    }
  }

  /**
   * Subscribes to a topic, or changes its subscription; before the start, or while running.
   * @param selector tags joined by `||`, `*` (default) for all messages, or a {@link MessageSelector}
   * @throws RocketMQError `INVALID_ARGUMENT` when the topic or the tags are not legal; what is not by tags is judged by the
   * brokers, at the start
   */
  subscribe(topic: string, selector: string | MessageSelector = '*'): void {
    checkTopic(topic);
    const stored = withNamespace(this.#client.namespace, topic);
    const subscription = subscriptionTo(stored, selector, this.#client);
    this.#subscriptions.set(stored, subscription);
    void this.#runtime?.subscribe(stored, subscription);
  }

  /** Ends the subscription of a topic. */
  unsubscribe(topic: string): void {
    const stored = withNamespace(this.#client.namespace, topic);
    if (this.#subscriptions.delete(stored)) void this.#runtime?.unsubscribe(stored);
  }

  /** Has a hook told of every call of the listener; before the start. */
  registerConsumeMessageHook(hook: ConsumeMessageHook): void {
    this.#hooks.push(hook);
  }

  /** Sets who consumes the messages, several calls at once; before the start. */
  onMessage(listener: MessageListenerConcurrently): void {
    this.#listen({ orderly: false, listen: listener });
  }

  /**
   * Sets who consumes the messages in the order of their queues, in place of {@link onMessage}; before the start. One
   * call of a queue at a time, and one member of the group: the queue is locked at its broker. What fails is tried again
   * in its place after a moment (`suspendCurrentQueueTimeMillis`), without end unless `maxReconsumeTimes` is given.
   */
  onMessageOrderly(listener: MessageListenerOrderly): void {
    this.#listen({ orderly: true, listen: listener });
  }

  /**
   * Joins the group and begins to consume. A NameServer or broker that can't be reached is no error: the consumer
   * begins when it is there; see {@link checkNameServer}.
   * @throws RocketMQError `INVALID_CONFIG` without a listener, or when the group is in the named client already;
   * `STORE` when a broadcasting consumer's offsets can't be read; BrokerError when a broker refuses a subscription by
   * SQL92: code 23 for its expression, 1 without `enablePropertyFilter`
   */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      if (!this.#listener) {
        throw new RocketMQError(
          'INVALID_CONFIG',
          `The consumer of the group ${this.group} has no listener: call onMessage()`,
        );
      }
      const runtime = new PushRuntime(
        this.group,
        this.#client,
        this.#settings,
        this.#subscriptions,
        this.#listener,
        this.#hooks,
      );
      this.#trace?.start();
      // Before it is done: its listener is called meanwhile, and may ask for the assignment.
      this.#runtime = runtime;
      try {
        await runtime.start();
      } catch (error) {
        this.#runtime = undefined;
        await this.#trace?.shutdown();
        throw error;
      }
    });
  }

  /**
   * Stops pulling, waits for the listener calls that have begun, stores the offsets and leaves the group. Messages
   * that were pulled but not begun with are delivered again, here or to another member.
   * @returns false when some calls still ran after `drainMs` (default: the option `drainTimeout`)
   */
  async shutdown(options: { drainMs?: number } = {}): Promise<boolean> {
    let drained = true;
    await this.#lifecycle.stop(async () => {
      drained = (await this.#runtime?.shutdown(options.drainMs ?? this.#settings.drainTimeout)) ?? true;
      await this.#trace?.shutdown();
    });
    return drained;
  }

  /** Pulls nothing more until {@link resume}; what was pulled is still consumed. */
  suspend(): void {
    this.#running().suspend();
  }

  /** Ends {@link suspend}. */
  resume(): void {
    this.#running().resume();
  }

  /** Whether it is suspended. */
  get suspended(): boolean {
    return this.#runtime?.suspended ?? false;
  }

  /**
   * Changes how many calls of the listener run at once, before the start or while running (`updateCorePoolSize`).
   * @param concurrency 1..1000
   * @throws RocketMQError `INVALID_CONFIG` when it is none of these
   */
  resize(concurrency: number): void {
    this.#settings.concurrency = consumeSettings({ concurrency }).concurrency;
    this.#runtime?.resized();
  }

  /** The queues that are this consumer's at the moment. */
  assignment(): MessageQueue[] {
    return withoutNamespaces(this.#client.namespace, this.#runtime?.queues() ?? []);
  }

  /** The id brokers know this client by; undefined before the start. */
  get clientId(): string | undefined {
    return this.#runtime?.clientId;
  }

  /**
   * Makes sure that a NameServer answers, for applications that want to fail early.
   * @throws RocketMQError `CONNECT_FAILED` or `TIMEOUT` naming the addresses
   */
  async checkNameServer(timeoutMs?: number): Promise<void> {
    await this.#running().checkNameServer(timeoutMs);
  }

  #listen(listener: PushListener): void {
    if (this.#runtime) {
      throw new RocketMQError(
        'WRONG_STATE',
        `The consumer of the group ${this.group} runs: set its listener before`,
      );
    }
    this.#listener = listener;
  }

  #running(): PushRuntime {
    if (!this.#lifecycle.running || !this.#runtime) this.#lifecycle.checkRunning();
    return this.#runtime as PushRuntime;
  }
}
