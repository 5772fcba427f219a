import { isDeepStrictEqual } from 'node:util';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ConsumeMode } from './consume-mode.ts';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import { SelectorType } from '../decorators/listener-attributes.ts';
import type { ConsumerDefaults } from '../module/options.ts';
import type { ResolvedAttributes } from './attribute-schema.ts';
import type { Declaration } from './listener-explorer.ts';
import type { BatchSettings } from './batcher.ts';
import type { LaneKey } from './lanes.ts';
import { parseRate, type Rate } from './rate-limit.ts';
import type { StandardSchema } from './standard-schema.ts';
import { Routes, tagsOf } from './subscription.ts';

/** A handler as its group's consumer needs it. */
export interface PlannedHandler {
  readonly declaration: Declaration;
  readonly maxReconsumeTimes: number;
  readonly delayLevelWhenNextConsume: number;
  /** `auto` where nothing was said: the type of the parameter decides then. */
  readonly payload: PayloadKind | undefined;
  readonly converter: MessageConverter | undefined;
  /** What a payload has to be; of a batch, the array of payloads. */
  readonly schema: StandardSchema | undefined;
  /** Messages in one call; undefined: one. */
  readonly batch: BatchSettings | undefined;
  readonly rateLimit: Rate | undefined;
  /** How long a reply may take, in milliseconds; undefined: as long as a send. */
  readonly replyTimeout: number | undefined;
  /** What becomes of a message whose payload can't be read, or is not valid. */
  readonly onInvalidPayload: 'DEAD_LETTER' | 'RETRY' | 'DROP';
  /** The method that is told of a message that is about to be a dead letter. */
  readonly onLastAttempt: string | undefined;
}

/** What belongs to a group, and can therefore be said in one way only. */
type GroupSettings = Pick<ResolvedAttributes, (typeof GROUP_ATTRIBUTES)[number]>;

const GROUP_ATTRIBUTES = [
  'messageModel',
  'consumeFromWhere',
  'consumeTimestamp',
  'pullBatchSize',
  'clientRebalance',
  'popInvisibleTime',
  'consumeTimeout',
  'consumeMode',
  'suspendCurrentQueueTime',
  'enableMsgTrace',
  'customizedTraceTopic',
  'lanes',
  'pullInterval',
  'instanceName',
  'nameServer',
  'accessKey',
  'secretKey',
  'tls',
  'namespace',
  'namespaceV2',
  'accessChannel',
  'drain',
  'autoStart',
] as const;

/** What is not shown in messages to people. */
const SECRET = new Set<string>(['accessKey', 'secretKey']);

const DEFAULT_CONCURRENCY = 20;

/** RocketMQ's own time after which a message that is still handled is given back, in milliseconds. */
const DEFAULT_CONSUME_TIMEOUT_MS = 15 * 60_000;

/** RocketMQ's own number of retries, which -1 stands for. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** One consumer: a group of one connection, its subscription and its handlers. */
export class GroupPlan {
  readonly connection: string;
  readonly consumerGroup: string;
  readonly routes = new Routes<PlannedHandler>();
  readonly handlers: PlannedHandler[] = [];
  readonly #defaults: ConsumerDefaults;
  readonly #said = new Map<string, { by: string; value: unknown }>();

  constructor(connection: string, consumerGroup: string, defaults: ConsumerDefaults) {
    this.connection = connection;
    this.consumerGroup = consumerGroup;
    this.#defaults = defaults;
  }

  /** The largest that a class of this group says, and enough for each handler's own. */
  get concurrency(): number {
    const ofClasses = this.handlers.map(({ declaration }) => declaration.concurrency ?? 0);
    const ofGroup = Math.max(...ofClasses) || (this.#defaults.concurrency ?? DEFAULT_CONCURRENCY);
    return Math.max(ofGroup, ...this.handlers.map(({ declaration }) => declaration.limit ?? 0));
  }

  /**
   * Whether calls are limited here: several handlers have to leave room for each other, batches are put together of
   * several messages, lanes run at the same time, and a handler may have a limit of its own.
   */
  get isShared(): boolean {
    const [first, ...others] = this.handlers;
    return (
      others.length > 0 ||
      first?.batch !== undefined ||
      (first?.declaration.limit ?? this.concurrency) < this.concurrency ||
      this.lanes !== undefined
    );
  }

  /** After so many milliseconds a call is given up; undefined: never. What is in order is not, unless that is said. */
  get handlerTimeout(): number | undefined {
    return this.settings.consumeTimeout ?? (this.#keepsOrder ? undefined : DEFAULT_CONSUME_TIMEOUT_MS);
  }

  /** By what messages are in order, where it is not their queue. */
  get lanes(): { key: LaneKey } | undefined {
    const { lanes } = this.settings;
    if (lanes === undefined || lanes === false) return undefined;
    if (lanes === true) return { key: undefined };
    return { key: typeof lanes === 'string' ? lanes : lanes.key };
  }

  /** Whether queues are consumed in order, one message of each at a time. */
  get orderly(): boolean {
    return this.settings.consumeMode === ConsumeMode.ORDERLY && !this.lanes;
  }

  get #keepsOrder(): boolean {
    return this.orderly || this.lanes !== undefined;
  }

  /** The largest of its handlers': those with fewer give up by themselves. */
  get maxReconsumeTimes(): number {
    return Math.max(...this.handlers.map(({ maxReconsumeTimes }) => maxReconsumeTimes));
  }

  get settings(): GroupSettings {
    const settings: Record<string, unknown> = {};
    const defaults: Record<string, unknown> = this.#defaults;
    for (const name of GROUP_ATTRIBUTES) settings[name] = this.#said.get(name)?.value ?? defaults[name];
    return settings;
  }

  /** @throws RocketMQError `INVALID_CONFIG` when a handler of this group says otherwise, or has the same tag */
  add(declaration: Declaration): void {
    const { name, attributes } = declaration;
    for (const attribute of GROUP_ATTRIBUTES) this.#say(name, attribute, attributes[attribute]);
    if (this.#keepsOrder && this.settings.messageModel === 'BROADCASTING') {
      throw invalid(
        `${name}: consumeMode ORDERLY${this.lanes ? ', which lanes are a form of,' : ''} and messageModel BROADCASTING exclude each other: a member that has all queues to ` +
          'itself keeps no order with the others',
      );
    }
    if (this.#keepsOrder && [...this.handlers.map(({ batch }) => batch), attributes.batch].some(Boolean)) {
      throw invalid(
        `${name}: batch and consumeMode ORDERLY (or lanes) exclude each other in the group ${this.consumerGroup}: what ` +
          'comes again out of a batch would come behind the others',
      );
    }
    if (attributes.topic === undefined) throw invalid(`${name}: attribute topic is missing`);
    if (attributes.tags !== undefined && attributes.selectorExpression !== undefined) {
      throw invalid(`${name}: attributes tags and selectorExpression exclude each other: give one of them`);
    }
    const handler = this.#handler(declaration);
    if (attributes.selectorType === SelectorType.SQL92) {
      this.#addSql(handler, attributes.topic);
      return;
    }
    for (const tag of tagsOf(attributes.tags ?? attributes.selectorExpression)) {
      const taken = this.routes.add(attributes.topic, tag, handler);
      if (!taken) continue;
      if (taken.declaration.attributes.selectorType === SelectorType.SQL92)
        throw this.#notAlone(name, taken, attributes.topic);
      throw invalid(
        `${name} and ${taken.declaration.name} both take tag ${tag} of topic ${attributes.topic} in the group ` +
          `${this.consumerGroup}: a message goes to one handler of a group. Give one of them other tags, or another group`,
      );
    }
    this.handlers.push(handler);
  }

  #addSql(handler: PlannedHandler, topic: string): void {
    const { name, attributes } = handler.declaration;
    if (attributes.selectorExpression === undefined)
      throw invalid(`${name}: attribute selectorType is SQL92, and selectorExpression is missing`);
    const taken = this.routes.addSql(topic, attributes.selectorExpression, handler);
    if (taken) throw this.#notAlone(name, taken, topic);
    this.handlers.push(handler);
  }

  #notAlone(name: string, taken: PlannedHandler, topic: string): RocketMQError {
    return invalid(
      `${name} and ${taken.declaration.name} both take topic ${topic} in the group ${this.consumerGroup}, one of them by ` +
        'SQL92: a group has one subscription of a topic, and only tags can be shared out. Give one of them another group',
    );
  }

  #handler(declaration: Declaration): PlannedHandler {
    const { attributes } = declaration;
    const { rateLimit } = attributes;
    const times = attributes.maxReconsumeTimes ?? this.#defaults.maxReconsumeTimes ?? -1;
    return {
      declaration,
      maxReconsumeTimes: times < 0 ? DEFAULT_MAX_RECONSUME_TIMES : times,
      delayLevelWhenNextConsume:
        attributes.delayLevelWhenNextConsume ?? this.#defaults.delayLevelWhenNextConsume ?? 0,
      payload: attributes.payload,
      converter: attributes.converter,
      schema: attributes.schema,
      batch: attributes.batch && { size: attributes.batch.size, wait: attributes.batch.wait },
      rateLimit: rateLimit === undefined ? undefined : parseRate(rateLimit),
      replyTimeout: attributes.replyTimeout ?? this.#defaults.replyTimeout,
      onInvalidPayload: attributes.onInvalidPayload ?? this.#defaults.onInvalidPayload ?? 'DEAD_LETTER',
      onLastAttempt: attributes.onLastAttempt,
    };
  }

  #say(by: string, attribute: string, value: unknown): void {
    if (value === undefined) return;
    const before = this.#said.get(attribute);
    if (before === undefined) {
      this.#said.set(attribute, { by, value });
    } else if (!isDeepStrictEqual(before.value, value)) {
      throw invalid(
        `${before.by} and ${by} are of the same group ${this.consumerGroup} and contradict each other: ` +
          `${attribute} is ${shown(attribute, before.value)} and ${shown(attribute, value)}. It belongs to the group: say it once`,
      );
    }
  }
}

/**
 * Puts handlers together by connection and group.
 * @param defaultsOf the module's `consumer` of a connection; undefined when there is no such connection
 * @throws RocketMQError `INVALID_CONFIG` on a contradiction, with the names of both handlers
 */
export function planGroups(
  declarations: readonly Declaration[],
  defaultsOf: (connection: string) => ConsumerDefaults | undefined,
  connections: readonly string[],
  defaultConnection: string,
): GroupPlan[] {
  const plans = new Map<string, GroupPlan>();
  for (const declaration of declarations) {
    const { name, attributes } = declaration;
    const connection = attributes.connection ?? defaultConnection;
    const defaults = defaultsOf(connection);
    if (!defaults) {
      throw invalid(
        `${name}: there is no connection '${connection}'. The application has: ${connections.join(', ') || 'none'}`,
      );
    }
    const group = attributes.consumerGroup ?? defaults.consumerGroup;
    if (group === undefined) {
      throw invalid(
        `${name}: attribute consumerGroup is missing, and the module's options have no consumer.consumerGroup`,
      );
    }
    const key = JSON.stringify([connection, group]);
    const plan = plans.get(key) ?? new GroupPlan(connection, group, defaults);
    plans.set(key, plan);
    plan.add(declaration);
  }
  return [...plans.values()];
}

function shown(attribute: string, value: unknown): string {
  if (SECRET.has(attribute)) return 'one thing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', message);
}
