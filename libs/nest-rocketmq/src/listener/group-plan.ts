import { RocketMQError } from '@nest-rocketmq/runtime';
import { ConsumeMode } from './consume-mode.ts';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import { SelectorType } from '../decorators/listener-attributes.ts';
import type { ConsumerDefaults } from '../module/options.ts';
import type { ResolvedAttributes } from './attribute-schema.ts';
import type { Declaration } from './listener-explorer.ts';
import { Routes, tagsOf } from './subscription.ts';

/** A handler as its group's consumer needs it. */
export interface PlannedHandler {
  readonly declaration: Declaration;
  readonly maxReconsumeTimes: number;
  readonly delayLevelWhenNextConsume: number;
  /** `auto` where nothing was said: the type of the parameter decides then. */
  readonly payload: PayloadKind | undefined;
  readonly converter: MessageConverter | undefined;
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
] as const;

const DEFAULT_CONCURRENCY = 20;

/** RocketMQ's own number of retries, which -1 stands for. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** One consumer: a group of one connection, its subscription and its handlers. */
export class GroupPlan {
  readonly connection: string;
  readonly consumerGroup: string;
  readonly routes = new Routes<PlannedHandler>();
  readonly handlers: PlannedHandler[] = [];
  readonly #defaults: ConsumerDefaults;
  readonly #said = new Map<string, { by: string; value: string | number | boolean }>();

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

  /** Whether queues are consumed in order, one message of each at a time. */
  get orderly(): boolean {
    return this.settings.consumeMode === ConsumeMode.ORDERLY;
  }

  /** The largest of its handlers': those with fewer give up by themselves. */
  get maxReconsumeTimes(): number {
    return Math.max(...this.handlers.map(({ maxReconsumeTimes }) => maxReconsumeTimes));
  }

  get settings(): GroupSettings {
    const settings: Record<string, unknown> = {};
    for (const name of GROUP_ATTRIBUTES) settings[name] = this.#said.get(name)?.value ?? this.#defaults[name];
    return settings;
  }

  /** @throws RocketMQError `INVALID_CONFIG` when a handler of this group says otherwise, or has the same tag */
  add(declaration: Declaration): void {
    const { name, attributes } = declaration;
    for (const attribute of GROUP_ATTRIBUTES) this.#say(name, attribute, attributes[attribute]);
    if (this.orderly && this.settings.messageModel === 'BROADCASTING') {
      throw invalid(
        `${name}: consumeMode ORDERLY and messageModel BROADCASTING exclude each other: a member that has all queues to ` +
          'itself keeps no order with the others',
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
    const times = attributes.maxReconsumeTimes ?? this.#defaults.maxReconsumeTimes ?? -1;
    return {
      declaration,
      maxReconsumeTimes: times < 0 ? DEFAULT_MAX_RECONSUME_TIMES : times,
      delayLevelWhenNextConsume:
        attributes.delayLevelWhenNextConsume ?? this.#defaults.delayLevelWhenNextConsume ?? 0,
      payload: attributes.payload,
      converter: attributes.converter,
    };
  }

  #say(by: string, attribute: string, value: string | number | boolean | undefined): void {
    if (value === undefined) return;
    const before = this.#said.get(attribute);
    if (before === undefined) {
      this.#said.set(attribute, { by, value });
    } else if (before.value !== value) {
      throw invalid(
        `${before.by} and ${by} are of the same group ${this.consumerGroup} and contradict each other: ` +
          `${attribute} is ${before.value} and ${value}. It belongs to the group: say it once`,
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

function invalid(message: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', message);
}
