import type { Connection } from '@nest-rocketmq/remoting';
import { RocketMQError, type Clock } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { within } from '../instance/deadline.ts';
import type { MessageQueue, SendResult } from '../message/message.ts';
import { FaultTable } from './fault-table.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { QueueChoice } from './queue-choice.ts';
import type { SendTarget } from './send-frame.ts';
import { SendOperation } from './send-operation.ts';
import type { SendSettings } from './send-options.ts';
import { TopicPublisher } from './topic-publisher.ts';

/** More bytes than these waiting in a connection: further sends fail at once, well before it would be closed. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024;
/** A route that is suspected to be old is asked for at most once in so long. */
const SUSPECT_INTERVAL_MS = 1000;

/** What a send can choose, once its message is ready. */
export interface SendChoices {
  queue?: MessageQueue | undefined;
  /** Chooses among the topic's queues, once its route is known. */
  select?: ((queues: readonly MessageQueue[]) => MessageQueue) | undefined;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Sends messages on behalf of a producer group: routes, queue choice, tries (`DefaultMQProducerImpl`). */
export class MessageSender {
  readonly settings: SendSettings;
  readonly clock: Clock;
  readonly #instance: ClientInstance;
  readonly #group: string;
  readonly #publishers = new Map<string, TopicPublisher>();
  readonly #choices = new Map<string, QueueChoice>();
  readonly #faults: FaultTable | undefined;
  readonly #suspected = new Map<string, number>();
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(instance: ClientInstance, group: string, settings: SendSettings) {
    this.#instance = instance;
    this.#group = group;
    this.settings = settings;
    this.clock = instance.settings.clock;
    this.#faults = settings.sendLatencyFaultEnable ? new FaultTable(this.clock) : undefined;
  }

  /** Sends a message and waits for the broker's answer; further tries and their budget as the settings say. */
  send(message: OutgoingMessage, choices: SendChoices = {}): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      if (this.#inFlight >= this.settings.maxInFlight) {
        throw new RocketMQError(
          'OVERLOADED',
          `${this.#inFlight} sends are in flight already (maxInFlight): wait for some of them`,
        );
      }
      const timeoutMs = choices.timeoutMs ?? this.settings.sendMsgTimeout;
      const deadline = this.clock.now() + timeoutMs;
      this.#inFlight++;
      const operation = new SendOperation(this, message, { choices, deadline, timeoutMs }, resolve, reject);
      const known = this.#knownPublisher(message.topic);
      if (known) operation.begin(known);
      else {
        this.#publisherWithin(message.topic, timeoutMs).then(
          (publisher) => operation.begin(publisher),
          (error: unknown) => operation.abandon(error),
        );
      }
    });
  }

  /** Hands a message to the connection, without an answer: one try. Resolves when it is on its way. */
  async sendOneway(message: OutgoingMessage, choices: SendChoices = {}): Promise<void> {
    const { signal, timeoutMs = this.settings.sendMsgTimeout } = choices;
    const publisher =
      this.#knownPublisher(message.topic) ?? (await this.#publisherWithin(message.topic, timeoutMs));
    const queue = choices.queue ?? choices.select?.(publisher.queues);
    const target = queue ? publisher.targetOf(queue) : this.choose(publisher, undefined);
    const address = this.brokerAddress(target.brokerName);
    if (address === undefined) {
      throw new RocketMQError('NO_BROKER', `The broker ${target.brokerName} has no master now`, {
        responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
      });
    }
    const connection = this.existingConnection(address) ?? (await this.connect(address, timeoutMs));
    if (signal?.aborted) {
      const text = `The one-way message to topic ${message.topic} was aborted: it was not sent`;
      throw new RocketMQError('ABORTED', text, { cause: signal.reason });
    }
    this.checkBacklog(connection, message.body.length);
    target.write(connection, message, this.clock.now(), connection.nextOpaque(), true);
  }

  /** The writable queues of a topic. @throws RocketMQError `NO_ROUTE`, `NO_BROKER`, or what the NameServer failed with */
  async publisher(topic: string): Promise<TopicPublisher> {
    const { createTopicKey, defaultTopicQueueNums } = this.settings;
    await this.#instance.routes.publishRoute(topic, { createTopicKey, queueNums: defaultTopicQueueNums });
    const publisher = this.#knownPublisher(topic);
    if (!publisher) throw this.#instance.routes.noRoute(topic);
    return publisher;
  }

  #publisherWithin(topic: string, timeoutMs: number): Promise<TopicPublisher> {
    return within(this.clock, timeoutMs, this.publisher(topic), () => {
      const text = `The route of topic ${topic} did not come within ${timeoutMs} ms (sendMsgTimeout)`;
      return new RocketMQError('TIMEOUT', text, { responseCode: ClientErrorCode.ACCESS_BROKER_TIMEOUT });
    });
  }

  /** The next queue to send to; another broker's than that of the try before, where there is one. */
  choose(publisher: TopicPublisher, lastBroker: string | undefined): SendTarget {
    const { topic } = publisher.route;
    let choice = this.#choices.get(topic);
    if (!choice) this.#choices.set(topic, (choice = new QueueChoice()));
    const target = choice.next(publisher.targets, lastBroker, this.#faults);
    if (!target) throw this.#instance.routes.noRoute(topic);
    return target;
  }

  /** Notes how a try went, for the choice of brokers. */
  note(brokerName: string, startedAt: number, isolate: boolean, reachable: boolean): void {
    this.#faults?.update(brokerName, this.clock.now() - startedAt, isolate, reachable);
  }

  /** Has the route of a topic asked for soon: what it says doesn't seem to be true any more. */
  suspectRoute(topic: string): void {
    const now = this.clock.now();
    if (now - (this.#suspected.get(topic) ?? -Infinity) < SUSPECT_INTERVAL_MS) return;
    this.#suspected.set(topic, now);
    this.#instance.routes.refresh(topic).catch((error: unknown) => {
      this.#instance.settings.logger.warn(`The route of the topic ${topic} could not be refreshed`, error);
    });
  }

  /** Notes that a send has created its topic. */
  topicCreated(topic: string): void {
    this.#instance.topicCreated(topic);
  }

  /** A broker wants its connections to be closed: the next tries use a new one. */
  goneAway(address: string): void {
    const connection = this.existingConnection(address);
    if (connection) this.#instance.remoting.renew(address, connection);
  }

  /** The address of a broker's master. */
  brokerAddress(brokerName: string): string | undefined {
    return this.#instance.routes.brokerAddress(brokerName);
  }

  existingConnection(address: string): Connection | undefined {
    const connection = this.#instance.remoting.existing(address);
    return connection && !connection.closed ? connection : undefined;
  }

  connect(address: string, timeoutMs = this.settings.sendMsgTimeout): Promise<Connection> {
    return this.#instance.remoting.connection(address, timeoutMs);
  }

  /** @throws RocketMQError `OVERLOADED` when too much waits in the connection */
  checkBacklog(connection: Connection, bytes: number): void {
    if (connection.queuedBytes + bytes <= MAX_BACKLOG_BYTES) return;
    throw new RocketMQError(
      'OVERLOADED',
      `${connection.queuedBytes} bytes wait to be written to ${connection.remoteAddress}: send slower`,
      { address: connection.remoteAddress },
    );
  }

  /** A send is over, whatever its result. */
  finished(): void {
    this.#inFlight--;
    if (this.#inFlight > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  /** Resolves when no send is in flight. */
  idle(): Promise<void> {
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #knownPublisher(topic: string): TopicPublisher | undefined {
    const route = this.#instance.routes.get(topic);
    if (!route || route.publishQueues.length === 0) return undefined;
    const known = this.#publishers.get(topic);
    if (known?.route === route) return known;
    const publisher = new TopicPublisher(route, this.#group, this.settings, this.#instance.requestHook);
    this.#publishers.set(topic, publisher);
    return publisher;
  }
}
