import { MixAll, type SubscriptionData } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { observe, receiveChannel, type ReceiveEvent } from '../../diagnostics/channels.ts';
import type { ClientSettings } from '../../instance/client-options.ts';
import { Lifecycle } from '../../instance/lifecycle.ts';
import type { MessageExt, MessageQueue } from '../../message/message.ts';
import { checkGroup, checkTopic, illegal } from '../../message/validators.ts';
import { queueWithNamespace, withNamespace, withoutNamespace } from '../../namespace/namespace.ts';
import { consumerClientSettings, subscriptionTo } from '../consumer-identity.ts';
import type { MessageSelector } from '../message-selector.ts';
import { OFFSET_NOT_FOUND } from '../offset-store.ts';
import { fetchSubscribeQueues, maxOffset, minOffset, searchOffset } from '../queue-offsets.ts';
import {
  litePullSettings,
  type LitePullConsumerOptions,
  type LitePullSettings,
} from './lite-pull-options.ts';
import { LitePullRuntime } from './lite-pull-runtime.ts';
import { TopicQueueWatch, type TopicMessageQueueChangeListener } from './topic-queue-watch.ts';

/** An offset of a queue. */
export interface QueueOffset {
  queue: MessageQueue;
  offset: number;
}

/**
 * Consumes messages when the application asks for them (`DefaultLitePullConsumer`): it either subscribes to topics,
 * whose queues are shared among the group's members, or is assigned queues of its choice.
 *
 * With `autoCommit` a poll commits what the polls before it gave, so a message is lost to a crash only when the
 * application polled again before it was done with it.
 *
 * ```ts
 * const consumer = new DefaultLitePullConsumer({ group: 'report', nameServer: '127.0.0.1:9876' });
 * consumer.subscribe('order', 'paid');
 * await consumer.start();
 * for await (const messages of consumer) { ... }
 * ```
 */
export class DefaultLitePullConsumer implements AsyncIterable<MessageExt[]> {
  readonly group: string;
  readonly #client: ClientSettings;
  readonly #settings: LitePullSettings;
  readonly #lifecycle: Lifecycle;
  readonly #subscriptions = new Map<string, SubscriptionData>();
  readonly #expressions = new Map<string, SubscriptionData>();
  #assigned: readonly MessageQueue[] | undefined;
  #runtime: LitePullRuntime | undefined;
  readonly #watch: TopicQueueWatch;

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: LitePullConsumerOptions) {
    checkGroup(options.group, MixAll.DEFAULT_CONSUMER_GROUP);
    this.#settings = litePullSettings(options);
    const client = consumerClientSettings(options, this.#settings.messageModel);
    this.group = withNamespace(client.namespace, options.group);
    this.#client = client;
    this.#lifecycle = new Lifecycle(`The pull consumer of the group ${options.group}`);
    this.#watch = new TopicQueueWatch((topic) => this.fetchMessageQueues(topic), client.logger);
  }

  /**
   * Subscribes to a topic, or changes its subscription; before the start, or while running.
   * @param selector tags joined by `||`, `*` (default) for all messages, or a {@link MessageSelector}
   * @throws RocketMQError `INVALID_ARGUMENT` when the topic or the tags are not legal; `WRONG_STATE` when queues
   * were assigned
   */
  subscribe(topic: string, selector: string | MessageSelector = '*'): void {
    checkTopic(topic);
    if (this.#assigned) throw this.#exclusive();
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

  /**
   * Chooses the queues to pull, in place of those it had; resolves when they are begun with, or, before the start, at
   * once.
   * @throws RocketMQError `WRONG_STATE` when topics were subscribed to
   */
  async assign(queues: readonly MessageQueue[]): Promise<void> {
    if (this.#subscriptions.size > 0) throw this.#exclusive();
    for (const { topic } of queues) checkTopic(topic);
    this.#assigned = queues.map((queue) => queueWithNamespace(this.#client.namespace, queue));
    await this.#runtime?.assign(this.#assigned);
  }

  /**
   * By what messages of assigned queues of a topic are chosen; before {@link assign}.
   * @throws RocketMQError `INVALID_ARGUMENT` when the tags are not legal
   */
  setSubExpressionForAssign(topic: string, selector: string | MessageSelector): void {
    checkTopic(topic);
    const stored = withNamespace(this.#client.namespace, topic);
    this.#expressions.set(stored, subscriptionTo(stored, selector, this.#client));
  }

  /**
   * Joins the group and begins to pull. A NameServer or broker that can't be reached is no error: the consumer begins
   * when it is there.
   * @throws RocketMQError `INVALID_CONFIG` when the group is in the named client already; `STORE` when a broadcasting
   * consumer's offsets can't be read; BrokerError when a broker refuses an SQL92 expression
   */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      const runtime = new LitePullRuntime(this.group, this.#client, this.#settings, {
        subscriptions: this.#subscriptions,
        assigned: this.#assigned,
        expressions: this.#expressions,
      });
      await runtime.start();
      this.#runtime = runtime;
      await this.#watch.start(this.#client.clock, this.#settings.topicMetadataCheckIntervalMillis);
    });
  }

  /** Ends polls that wait, stores the committed offsets and leaves the group. What was polled last is not committed by it. */
  shutdown(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#watch.stop();
      await this.#runtime?.shutdown();
    });
  }

  /** Whether it was started and not shut down. */
  get running(): boolean {
    return this.#lifecycle.running;
  }

  /** The id brokers know this client by; undefined before the start. */
  get clientId(): string | undefined {
    return this.#runtime?.clientId;
  }

  /**
   * The next messages: of one queue, in its order, `pullBatchSize` at most.
   * @param timeoutMs how long to wait for some; default `pollTimeoutMillis`
   * @param signal ends the waiting; messages that would have come stay for the next poll
   * @returns none when none came in time, or the consumer was shut down meanwhile
   * @throws RocketMQError `WRONG_STATE` when it doesn't run; `ABORTED`
   */
  async poll(timeoutMs = this.#settings.pollTimeoutMillis, signal?: AbortSignal): Promise<MessageExt[]> {
    const runtime = this.#started();
    if (!receiveChannel.hasSubscribers) return runtime.poll(timeoutMs, signal);
    const { namespace } = this.#client;
    const consumerGroup = withoutNamespace(namespace, this.group);
    const event: ReceiveEvent = { clientId: this.clientId, consumerGroup, namespace, around: [] };
    return observe(receiveChannel, event, () => runtime.poll(timeoutMs, signal));
  }

  /** Polls until the consumer is shut down. */
  async *[Symbol.asyncIterator](): AsyncGenerator<MessageExt[], void, void> {
    this.#started();
    while (this.running) {
      const messages = await this.poll();
      if (messages.length > 0) yield messages;
    }
  }

  /**
   * Stores how far the queues were polled; those given, or all.
   * @throws RocketMQError when a broker can't be reached; `INVALID_ARGUMENT` when a queue is not assigned
   */
  async commit(queues?: Iterable<MessageQueue>): Promise<void> {
    const runtime = this.#started();
    await runtime.commit(queues && [...queues].map((queue) => runtime.owned(queue)));
  }

  /** The same for all queues, by the name it has in Java. */
  commitSync(): Promise<void> {
    return this.commit();
  }

  /** Stores offsets of the application's choice. @throws RocketMQError as {@link commit} */
  async commitOffsets(offsets: readonly QueueOffset[]): Promise<void> {
    const runtime = this.#started();
    for (const { queue, offset } of offsets) {
      if (!Number.isSafeInteger(offset) || offset < 0) throw illegal(`An offset to commit is ${offset}`);
      await runtime.commitOffset(runtime.owned(queue), offset);
    }
  }

  /** The committed offset of a queue; undefined when the group has none. @throws RocketMQError when that can't be told */
  async committed(queue: MessageQueue): Promise<number | undefined> {
    const { offsets } = this.#started().shared;
    const offset = offsets.inMemory(queue) ?? (await offsets.read(queue));
    return offset === OFFSET_NOT_FOUND ? undefined : offset;
  }

  /**
   * Goes on with a queue at another offset; what of it was pulled and not polled is forgotten.
   * @throws RocketMQError `INVALID_ARGUMENT` when the queue is not assigned, or has no such offset
   */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    const runtime = this.#started();
    runtime.owned(queue);
    const { instance } = runtime.shared;
    const [min, max] = await Promise.all([minOffset(instance, queue), maxOffset(instance, queue)]);
    if (!(offset >= min && offset <= max)) {
      throw illegal(
        `${offset} is no offset of ${queue.topic}:${queue.brokerName}:${queue.queueId}: it has ${min} to ${max}`,
      );
    }
    runtime.seek(runtime.owned(queue), offset);
  }

  /** Goes on with the first message a queue still has. */
  async seekToBegin(queue: MessageQueue): Promise<void> {
    const runtime = this.#started();
    const begin = await minOffset(runtime.shared.instance, queue);
    runtime.seek(runtime.owned(queue), begin);
  }

  /** Goes on with what comes to a queue from now on. */
  async seekToEnd(queue: MessageQueue): Promise<void> {
    const runtime = this.#started();
    const end = await maxOffset(runtime.shared.instance, queue);
    runtime.seek(runtime.owned(queue), end);
  }

  /** Pulls nothing more of these queues, and `poll` gives nothing of them, until {@link resume}. */
  pause(queues: Iterable<MessageQueue>): void {
    const runtime = this.#started();
    for (const queue of queues) runtime.pause(runtime.owned(queue));
  }

  /** Ends {@link pause} of these queues. */
  resume(queues: Iterable<MessageQueue>): void {
    const runtime = this.#started();
    for (const queue of queues) runtime.resume(runtime.owned(queue));
  }

  /** Whether a queue is paused. */
  isPaused(queue: MessageQueue): boolean {
    const runtime = this.#started();
    return runtime.isPaused(runtime.owned(queue));
  }

  /** The queues that are this consumer's at the moment. */
  assignment(): MessageQueue[] {
    return [...(this.#runtime?.shared.queues.values() ?? [])].map(({ queue }) => queue);
  }

  /**
   * The offset of the first message of a queue stored at a time or after it.
   * @param timestamp milliseconds since the epoch
   */
  offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number> {
    return searchOffset(this.#started().shared.instance, queue, timestamp);
  }

  /**
   * The readable queues of a topic. Queues have their topics as brokers know them, with the namespace, here and wherever else
   * this consumer takes or gives them.
   * @throws RocketMQError `NO_ROUTE` when no NameServer knows it
   */
  fetchMessageQueues(topic: string): Promise<MessageQueue[]> {
    return fetchSubscribeQueues(
      this.#started().shared.instance,
      withNamespace(this.#client.namespace, topic),
    );
  }

  /** Has a listener told when a topic has other queues than before; looked at every `topicMetadataCheckIntervalMillis`. */
  registerTopicMessageQueueChangeListener(topic: string, listener: TopicMessageQueueChangeListener): void {
    checkTopic(topic);
    this.#watch.add(topic, listener);
    if (this.#runtime) void this.#watch.look();
  }

  #started(): LitePullRuntime {
    if (!this.#runtime || this.#lifecycle.stopped) this.#lifecycle.checkRunning();
    return this.#runtime as LitePullRuntime;
  }

  #exclusive(): RocketMQError {
    return new RocketMQError(
      'WRONG_STATE',
      `The consumer of the group ${this.group} either subscribes to topics or is assigned queues, not both`,
    );
  }
}
