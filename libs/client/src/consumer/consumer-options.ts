import { RocketMQError } from '@nest-rocketmq/runtime';
import { inRange, type ClientOptions } from '../instance/client-options.ts';
import type { TraceOptions } from '../trace/message-trace.ts';
import { averagely } from './allocate/averagely.ts';
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts';
import { ConsumeFromWhere, MessageModel } from './consumer-types.ts';

/** How a push consumer consumes. */
export interface ConsumeSettings {
  /** Whether the group's members share the messages. Default CLUSTERING. */
  messageModel: MessageModel;
  /** Where to begin with a queue the group has no offset of. Default CONSUME_FROM_LAST_OFFSET. */
  consumeFromWhere: ConsumeFromWhere;
  /** For CONSUME_FROM_TIMESTAMP: a time, in milliseconds or as `yyyyMMddHHmmss`. Default: half an hour before the start. */
  consumeTimestamp: number | string | undefined;
  /** How queues are shared. Default AVG. */
  allocateStrategy: AllocateMessageQueueStrategy;
  /** Listener calls at once (Java's consume threads). 1..1000, default 20. */
  concurrency: number;
  /** Messages a listener gets at most in a call. 1..1024, default 1. */
  consumeMessageBatchMaxSize: number;
  /** Messages a pull asks for. 1..1024, default 32. */
  pullBatchSize: number;
  /** Bytes a pull asks for; a 4.9 broker doesn't know of it. Default 256 KiB. */
  pullBatchSizeInBytes: number;
  /** Messages of a queue that may wait here. 1..65535, default 1000. */
  pullThresholdForQueue: number;
  /** MiB of a queue that may wait here. 1..1024, default 100. */
  pullThresholdSizeForQueue: number;
  /** The same for a topic, divided among its queues that are ours. Default -1: no such limit. */
  pullThresholdForTopic: number;
  pullThresholdSizeForTopic: number;
  /** Offsets between the first and the last message of a queue that wait here. 1..65535, default 2000. */
  consumeConcurrentlyMaxSpan: number;
  /** Pause between two pulls of a queue, in milliseconds. Default 0. */
  pullInterval: number;
  /** How often a message is delivered again before it goes to the dead letters. Default -1: 16; in order: without end. */
  maxReconsumeTimes: number;
  /** A message that is being consumed for so long is sent back, in milliseconds. Default 15 minutes. Not in order. */
  consumeTimeout: number;
  /** In order: how long a queue waits after a failure, in milliseconds, 10..30 000. Default 1000. */
  suspendCurrentQueueTimeMillis: number;
  /**
   * Whether members have a queue to themselves, under a lock at its broker, as those that consume in order do, though calls
   * run concurrently: for listeners that keep an order of their own. Clustering alone. Default false.
   */
  lockQueues: boolean;
  /** Whether pulls carry the subscription, so that brokers need not remember it. Default false. */
  postSubscriptionWhenPull: boolean;
  /** How often offsets are stored, in milliseconds. Default 5000. */
  persistConsumerOffsetInterval: number;
  /**
   * Whether the members share the queues among themselves. Default true. False: the brokers share them (5.x, and ours), and
   * say for each topic whether the group pulls or pops it; with a 4.9 broker, in order, or broadcasting it stays true.
   */
  clientRebalance: boolean;
  /** For how long a popped message is not given to others, in milliseconds, 5000..300 000. Default a minute. */
  popInvisibleTime: number;
  /** Messages a pop asks for. 1..32, default 32. */
  popBatchNums: number;
  /** Popped messages of a queue that may wait here. 1..65535, default 96. */
  popThresholdForQueue: number;
  /** Where broadcasting consumers keep their offsets. Default `~/.rocketmq_offsets`. */
  localOffsetStoreDir: string | undefined;
  /** How long `shutdown` waits for listener calls that have begun, in milliseconds. Default 30 000. */
  drainTimeout: number;
}

/** Options of a push consumer; what is left out has the default of {@link ConsumeSettings}. */
export interface PushConsumerOptions extends ClientOptions, Partial<ConsumeSettings>, TraceOptions {
  /** The consumer group: all its members have the same subscriptions. */
  group: string;
}

/** The defaults of `DefaultMQPushConsumer`. */
export const defaultConsumeSettings: ConsumeSettings = {
  messageModel: MessageModel.CLUSTERING,
  consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET,
  consumeTimestamp: undefined,
  allocateStrategy: averagely,
  concurrency: 20,
  consumeMessageBatchMaxSize: 1,
  pullBatchSize: 32,
  pullBatchSizeInBytes: 256 * 1024,
  pullThresholdForQueue: 1000,
  pullThresholdSizeForQueue: 100,
  pullThresholdForTopic: -1,
  pullThresholdSizeForTopic: -1,
  consumeConcurrentlyMaxSpan: 2000,
  pullInterval: 0,
  maxReconsumeTimes: -1,
  consumeTimeout: 15 * 60_000,
  suspendCurrentQueueTimeMillis: 1000,
  lockQueues: false,
  postSubscriptionWhenPull: false,
  persistConsumerOffsetInterval: 5000,
  clientRebalance: true,
  popInvisibleTime: 60_000,
  popBatchNums: 32,
  popThresholdForQueue: 96,
  localOffsetStoreDir: undefined,
  drainTimeout: 30_000,
};

/** The ranges of `DefaultMQPushConsumerImpl.checkConfig`. */
const RANGES: [keyof ConsumeSettings, number, number][] = [
  ['concurrency', 1, 1000],
  ['consumeMessageBatchMaxSize', 1, 1024],
  ['pullBatchSize', 1, 1024],
  ['pullBatchSizeInBytes', 1, 0x7fff_ffff],
  ['pullThresholdForQueue', 1, 65_535],
  ['pullThresholdSizeForQueue', 1, 1024],
  ['pullThresholdForTopic', -1, 6_553_500],
  ['pullThresholdSizeForTopic', -1, 102_400],
  ['consumeConcurrentlyMaxSpan', 1, 65_535],
  ['pullInterval', 0, 65_535],
  ['maxReconsumeTimes', -1, 0x7fff_ffff],
  ['consumeTimeout', 1, 0x7fff_ffff],
  ['suspendCurrentQueueTimeMillis', 10, 30_000],
  ['persistConsumerOffsetInterval', 1, 0x7fff_ffff],
  ['popInvisibleTime', 5000, 300_000],
  ['popBatchNums', 1, 32],
  ['popThresholdForQueue', 1, 65_535],
  ['drainTimeout', 0, 0x7fff_ffff],
];

/** Fills in the defaults. @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
export function consumeSettings(options: Partial<ConsumeSettings>): ConsumeSettings {
  const given = Object.entries(options).filter(
    ([key, value]) => key in defaultConsumeSettings && value !== undefined,
  );
  const settings: ConsumeSettings = { ...defaultConsumeSettings, ...Object.fromEntries(given) };
  for (const [name, min, max] of RANGES) inRange(name, Number(settings[name]), 0, min, max);
  checkOneOf('messageModel', settings.messageModel, MessageModel);
  checkOneOf('consumeFromWhere', settings.consumeFromWhere, ConsumeFromWhere);
  return settings;
}

/** @throws RocketMQError `INVALID_CONFIG` when an option is none of its values */
export function checkOneOf(name: string, value: string, values: Record<string, string>): void {
  if (Object.values(values).includes(value)) return;
  throw new RocketMQError(
    'INVALID_CONFIG',
    `${name} is ${value}: it must be one of ${Object.values(values).join(', ')}`,
  );
}

/**
 * A `consumeTimestamp` in milliseconds.
 * @param startedAt when the consumer was started; the default is half an hour before
 * @throws RocketMQError `INVALID_CONFIG` when it is no time
 */
export function consumeTimestampMs(value: number | string | undefined, startedAt: number): number {
  if (value === undefined) return startedAt - 30 * 60_000;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(String(value));
  if (match) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
    return new Date(year, month - 1, day, hour, minute, second).getTime();
  }
  throw new RocketMQError(
    'INVALID_CONFIG',
    `consumeTimestamp is ${value}: give milliseconds or yyyyMMddHHmmss`,
  );
}
