import type { Duration } from '@nest-rocketmq/runtime';
import type { MessageExt } from '@nest-rocketmq/client';
import type { MessageConverter, PayloadKind } from '../conversion/message-converter.ts';
import type { StandardSchema } from '../listener/standard-schema.ts';

/** Where placeholders and functions of attributes get their values: ConfigService where there is one, else the environment. */
export interface ConfigurationSource {
  /** The value of a name; undefined where there is none. */
  get(name: string): unknown;
}

/**
 * The value of an attribute: itself, text with placeholders such as `'${ORDER_TOPIC:order}'`, or a function of the
 * configuration.
 */
export type Configurable<T> = T | string | ((configuration: ConfigurationSource) => T);

/** How a `selectorExpression` is to be read. */
export const SelectorType = { TAG: 'TAG', SQL92: 'SQL92' } as const;
export type SelectorType = (typeof SelectorType)[keyof typeof SelectorType];

/** Messages that a handler gets in one call. */
export interface BatchAttributes {
  /** How many at most, 1..1000. Default 32. */
  size?: number | string;
  /** How long the first of them waits for more. Default 200 ms. */
  wait?: Duration;
}

/** By what the messages of a queue are in order. */
export interface LaneAttributes {
  /** The name of a property, or a function of the message. Default: its sharding key (`__SHARDINGKEY`), else its first key. */
  key?: string | ((message: MessageExt) => string | undefined);
}

/** What belongs to the consumer group: said once for a group, or the same each time. */
export interface GroupAttributes {
  /** The connection's name. Default: the unnamed one. */
  connection?: Configurable<string>;
  /** Required, here or in the module's `consumer`. */
  consumerGroup?: Configurable<string>;
  /** Where a new group begins. Default CONSUME_FROM_LAST_OFFSET: with what is sent from now on. */
  consumeFromWhere?: Configurable<
    'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_TIMESTAMP'
  >;
  /** For CONSUME_FROM_TIMESTAMP: milliseconds since the epoch, or `yyyyMMddHHmmss`. Default: half an hour ago. */
  consumeTimestamp?: Configurable<number | string>;
  /** CLUSTERING (default): each message to one member of the group. BROADCASTING: to all, without retries. */
  messageModel?: Configurable<'CLUSTERING' | 'BROADCASTING'>;
  /**
   * CONCURRENTLY (default): several messages at once. ORDERLY: one message of a queue at a time, in its order; one that
   * fails is tried again in its place and holds those behind it, until it goes to the dead letters (`maxReconsumeTimes`).
   */
  consumeMode?: Configurable<'CONCURRENTLY' | 'ORDERLY'>;
  /**
   * In order within a key, in parallel across keys; a form of ORDERLY. `true`: the key is the message's sharding key, else
   * its first key; text: the property of that name; or {@link LaneAttributes}. Send with `hashKey`, so that the messages of a
   * key are in one queue, which one member of the group has at a time. What fails is tried again in its place, and holds its
   * key alone; messages without a key are in order with none.
   */
  lanes?: Configurable<boolean | LaneAttributes>;
  /** ORDERLY: how long a queue waits after a failure, 10 ms to 30 s. Default 1 s. */
  suspendCurrentQueueTime?: Configurable<Duration>;
  /** How many messages one pull asks for, 1..1024. Default 32. */
  pullBatchSize?: Configurable<number>;
  /**
   * false: the brokers share the queues, and say for each topic whether the group pulls or pops it (5.x, and the embedded one; mqadmin's
   * setConsumeMode). Default true: the members share them. CONCURRENTLY and CLUSTERING alone.
   */
  clientRebalance?: Configurable<boolean>;
  /** When the group pops: for how long a message is nobody else's, 5 s to 5 min. Default 1 min; handlers must be done by then. */
  popInvisibleTime?: Configurable<Duration>;
  /**
   * After this time a handler that has not ended has failed: its message comes again, and others have its place. What it
   * still does counts no more. Default 15 min; none in order, where it has to be said.
   */
  consumeTimeout?: Configurable<Duration>;
  /** Whether each message leaves a trace of when it was consumed, how long that took and how it ended. Default: as the module. */
  enableMsgTrace?: Configurable<boolean>;
  /** Where traces go. Default: as the module says, or `RMQ_SYS_TRACE_TOPIC`, for which brokers need `traceTopicEnable`. */
  customizedTraceTopic?: Configurable<string>;
  /** Pause between two pulls of a queue. Default none. */
  pullInterval?: Configurable<Duration>;
  /** The second part of the client's id. Default: unique; `DEFAULT` when broadcasting, whose offsets are kept under it. */
  instanceName?: Configurable<string>;
  /** The cluster, where it is another than the connection's. What such a listener returns can't be a reply: use a connection for that. */
  nameServer?: Configurable<string>;
  /** Who the group is, to clusters with access control. Default: as the module's `acl`. */
  accessKey?: Configurable<string>;
  secretKey?: Configurable<string>;
  /** Whether it connects with TLS. Default: as the module. */
  tls?: Configurable<boolean>;
  /** Default: the module's. */
  namespace?: Configurable<string>;
  namespaceV2?: Configurable<string>;
  /** `LOCAL`, the only one there is; rocketmq-spring's `CLOUD` changes the format of traces. */
  accessChannel?: Configurable<'LOCAL'>;
  /** How long handlers that run may go on when the group stops. Default: the module's `shutdown.drain`. */
  drain?: Configurable<Duration>;
  /** false: the group waits for `RocketMQRegistry.start`. Default true. */
  autoStart?: Configurable<boolean>;
}

/** What belongs to one handler; on a class it is the default of its methods. */
export interface HandlerAttributes {
  /** Required, on the class or on the method. */
  topic?: Configurable<string>;
  /** The tags to take. Default: all. */
  tags?: Configurable<string | readonly string[]>;
  /** The same as one expression: `*`, or `created || paid`; or what `selectorType` says. */
  selectorExpression?: Configurable<string>;
  /**
   * TAG (default), or SQL92: `selectorExpression` is a condition on the messages' properties, as `price > 5 AND region IN
   * ('eu', 'us')`. Brokers need `enablePropertyFilter=true` for it. The handler is then its group's only one of the topic.
   */
  selectorType?: Configurable<SelectorType>;
  /** How many messages are handled at the same time: of the group on a class (default 20), of this handler on a method. */
  concurrency?: Configurable<number>;
  /** How often a message comes again before it goes to the dead letters. Default -1: 16 times. */
  maxReconsumeTimes?: Configurable<number>;
  /** After a failure, 0 (default): the broker's back-off 10s, 30s, 1m, ...; 1..18: always that delay level; -1: dead letters. */
  delayLevelWhenNextConsume?: Configurable<number>;
  /** What the payload is. Default `auto`: by the parameter's type where it is known, else by the message's `contentType`. */
  payload?: Configurable<PayloadKind>;
  /**
   * What the payload has to be: any Standard Schema, as Zod's, Valibot's or ArkType's. The handler gets what the schema
   * makes of it; of a `batch`, the schema is one of the array. What it refuses goes to the dead letters (`onInvalidPayload`).
   */
  schema?: StandardSchema;
  /** Several messages in one call: the payload is an array, the context a `BatchContext`. Not in order. */
  batch?: Configurable<BatchAttributes>;
  /** How many messages are handled at most: a number a second, or text such as `'600/1m'`. Default: as many as come. */
  rateLimit?: Configurable<number>;
  /** How long sending what is returned to a request may take. Default: the producer's `sendMessageTimeout`. */
  replyTimeout?: Configurable<Duration>;
  /**
   * What becomes of a message whose payload can't be read, or is refused by the schema or a pipe (HTTP status 400 or 422).
   * DEAD_LETTER (default): to the dead letters at once. RETRY: as any failure. DROP: it is done.
   */
  onInvalidPayload?: Configurable<'DEAD_LETTER' | 'RETRY' | 'DROP'>;
  /**
   * The name of a method of the class, called with (payload, context) when a message is about to go to the dead letters:
   * `context.error` is why. The payload is undefined where it can't be read. `DropMessage` keeps it from there.
   */
  onLastAttempt?: Configurable<string>;
  /** In place of the module's converter. */
  converter?: MessageConverter;
  /** false: this handler does not exist. Default true. */
  enabled?: Configurable<boolean>;
}

/** The attributes of `@RocketMQMessageListener`. */
export interface ListenerAttributes extends GroupAttributes, HandlerAttributes {}
