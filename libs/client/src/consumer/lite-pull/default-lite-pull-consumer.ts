import { MixAll, type SubscriptionData } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { observe, receiveChannel, type ReceiveEvent } from '../../diagnostics/channels.ts';
import { clientSettings, type ClientSettings } from '../../instance/client-options.ts';
import { Lifecycle } from '../../instance/lifecycle.ts';
import type { MessageExt, MessageQueue } from '../../message/message.ts';
import { checkGroup, checkTopic, illegal } from '../../message/validators.ts';
import { Names } from '../../namespace/names.ts';
import { MessageTrace } from '../../trace/message-trace.ts';
import { consumeTraceHook } from '../../trace/trace-hooks.ts';
import type { ConsumeMessageHook } from '../../trace/hooks.ts';
import { tellOfPoll } from '../../trace/run-hooks.ts';
import { consumerClientSettings, subscriptionTo } from '../consumer-identity.ts';
import type { MessageSelector } from '../message-selector.ts';
import type { ProcessQueue } from '../process-queue.ts';
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
  readonly #names: Names;
  readonly #trace: MessageTrace | undefined;
  readonly #hooks: ConsumeMessageHook[] = [];

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: LitePullConsumerOptions) {
    checkGroup(options.group, MixAll.DEFAULT_CONSUMER_GROUP);
    this.#settings = litePullSettings(options);
    const client = consumerClientSettings(options, this.#settings.messageModel);
    this.#names = new Names(client.namespace);
    this.group = this.#names.stored(options.group);
    this.#client = client;
    this.#lifecycle = new Lifecycle(`The pull consumer of the group ${options.group}`);
    this.#watch = new TopicQueueWatch((topic) => this.fetchMessageQueues(topic), client.logger);
    if (options.enableMsgTrace) {
      const topic = options.customizedTraceTopic;
      this.#trace = new MessageTrace(clientSettings(options), options.group, 'CONSUME', topic);
      this.registerConsumeMessageHook(consumeTraceHook(options.group, this.#trace.append));
    }
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
    const stored = this.#names.stored(topic);
    const subscription = subscriptionTo(stored, selector, this.#client);
    this.#subscriptions.set(stored, subscription);
    void this.#runtime?.subscribe(stored, subscription);
  }

  /** Ends the subscription of a topic. */
  unsubscribe(topic: string): void {
    const stored = this.#names.stored(topic);
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
    this.#assigned = queues.map((queue) => this.#names.storedQueue(queue));
    await this.#runtime?.assign(this.#assigned);
  }

  /**
   * By what messages of assigned queues of a topic are chosen; before {@link assign}.
   * @throws RocketMQError `INVALID_ARGUMENT` when the tags are not legal
   */
  setSubExpressionForAssign(topic: string, selector: string | MessageSelector): void {
    checkTopic(topic);
    const stored = this.#names.stored(topic);
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
      this.#trace?.start();
      try {
        await runtime.start();
      } catch (error) {
        await this.#trace?.shutdown();
        throw error;
      }
      this.#runtime = runtime;
      await this.#watch.start(this.#client.clock, this.#settings.topicMetadataCheckIntervalMillis);
    });
  }

  /** Ends polls that wait, stores the committed offsets and leaves the group. What was polled last is not committed by it. */
  shutdown(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#watch.stop();
      await this.#runtime?.shutdown();
      await this.#trace?.shutdown();
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
    if (!receiveChannel.hasSubscribers) return this.#poll(runtime, timeoutMs, signal);
    const { namespace } = this.#client;
    const consumerGroup = this.#names.shown(this.group);
    const event: ReceiveEvent = { clientId: this.clientId, consumerGroup, namespace, around: [] };
    return observe(receiveChannel, event, () => this.#poll(runtime, timeoutMs, signal));
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
    await runtime.commit(queues && [...queues].map((queue) => this.#owned(runtime, queue)));
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
      await runtime.commitOffset(this.#owned(runtime, queue), offset);
    }
  }

  /** The committed offset of a queue; undefined when the group has none. @throws RocketMQError when that can't be told */
  async committed(queue: MessageQueue): Promise<number | undefined> {
    const { offsets } = this.#started().shared;
    const stored = this.#names.storedQueue(queue);
    const offset = offsets.inMemory(stored) ?? (await offsets.read(stored));
    return offset === OFFSET_NOT_FOUND ? undefined : offset;
  }

  /**
   * Goes on with a queue at another offset; what of it was pulled and not polled is forgotten.
   * @throws RocketMQError `INVALID_ARGUMENT` when the queue is not assigned, or has no such offset
   */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    const runtime = this.#started();
    const { queue: stored } = this.#owned(runtime, queue);
    const { instance } = runtime.shared;
    const [min, max] = await Promise.all([minOffset(instance, stored), maxOffset(instance, stored)]);
    if (!(offset >= min && offset <= max)) {
      throw illegal(
        `${offset} is no offset of ${queue.topic}:${queue.brokerName}:${queue.queueId}: it has ${min} to ${max}`,
      );
    }
    runtime.seek(this.#owned(runtime, queue), offset);
  }

  /** Goes on with the first message a queue still has. */
  async seekToBegin(queue: MessageQueue): Promise<void> {
    const runtime = this.#started();
    const begin = await minOffset(runtime.shared.instance, this.#names.storedQueue(queue));
    runtime.seek(this.#owned(runtime, queue), begin);
  }

  /** Goes on with what comes to a queue from now on. */
  async seekToEnd(queue: MessageQueue): Promise<void> {
    const runtime = this.#started();
    const end = await maxOffset(runtime.shared.instance, this.#names.storedQueue(queue));
    runtime.seek(this.#owned(runtime, queue), end);
  }

  /** Pulls nothing more of these queues, and `poll` gives nothing of them, until {@link resume}. */
  pause(queues: Iterable<MessageQueue>): void {
    const runtime = this.#started();
    for (const queue of queues) runtime.pause(this.#owned(runtime, queue));
  }

  /** Ends {@link pause} of these queues. */
  resume(queues: Iterable<MessageQueue>): void {
    const runtime = this.#started();
    for (const queue of queues) runtime.resume(this.#owned(runtime, queue));
  }

  /** Whether a queue is paused. */
  isPaused(queue: MessageQueue): boolean {
    const runtime = this.#started();
    return runtime.isPaused(this.#owned(runtime, queue));
  }

  /** The queues that are this consumer's at the moment. */
  assignment(): MessageQueue[] {
    const queues = [...(this.#runtime?.shared.queues.values() ?? [])].map(({ queue }) => queue);
    return this.#names.shownQueues(queues);
  }

  /**
   * The offset of the first message of a queue stored at a time or after it.
   * @param timestamp milliseconds since the epoch
   */
  offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number> {
    return searchOffset(this.#started().shared.instance, this.#names.storedQueue(queue), timestamp);
  }

  /**
   * The readable queues of a topic. Queues have their topics as the application calls them, without the namespace.
   * @throws RocketMQError `NO_ROUTE` when no NameServer knows it
   */
  async fetchMessageQueues(topic: string): Promise<MessageQueue[]> {
    const { instance } = this.#started().shared;
    return this.#names.shownQueues(await fetchSubscribeQueues(instance, this.#names.stored(topic)));
  }

  /** Has a listener told when a topic has other queues than before; looked at every `topicMetadataCheckIntervalMillis`. */
  registerTopicMessageQueueChangeListener(topic: string, listener: TopicMessageQueueChangeListener): void {
    checkTopic(topic);
    this.#watch.add(topic, listener);
    if (this.#runtime) void this.#watch.look();
  }

  /** Has a hook told of what every poll gives, which counts as consumed; before the start. */
  registerConsumeMessageHook(hook: ConsumeMessageHook): void {
    this.#hooks.push(hook);
  }

  async #poll(runtime: LitePullRuntime, timeoutMs: number, signal?: AbortSignal): Promise<MessageExt[]> {
    const messages = await runtime.poll(timeoutMs, signal);
    if (this.#hooks.length > 0 && messages.length > 0) {
      const { clock, logger } = this.#client;
      tellOfPoll({ group: this.group, hooks: this.#hooks, clock, logger }, messages);
    }
    return messages;
  }

  #owned(runtime: LitePullRuntime, queue: MessageQueue): ProcessQueue {
    return runtime.owned(this.#names.storedQueue(queue));
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
