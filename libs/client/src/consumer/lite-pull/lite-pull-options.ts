import { inRange, type ClientOptions } from '../../instance/client-options.ts';
import type { TraceOptions } from '../../trace/message-trace.ts';
import { averagely } from '../allocate/averagely.ts';
import type { AllocateMessageQueueStrategy } from '../allocate/strategy.ts';
import { checkOneOf, consumeTimestampMs } from '../consumer-options.ts';
import { ConsumeFromWhere, MessageModel } from '../consumer-types.ts';

/** How a pull consumer consumes. */
export interface LitePullSettings {
  /** Whether the group's members share the messages. Default CLUSTERING. */
  messageModel: MessageModel;
  /** Where to begin with a queue the group has no offset of. Default CONSUME_FROM_LAST_OFFSET. */
  consumeFromWhere: ConsumeFromWhere;
  /** For CONSUME_FROM_TIMESTAMP: a time, in milliseconds or as `yyyyMMddHHmmss`. Default: half an hour before the start. */
  consumeTimestamp: number | string | undefined;
  /** How subscribed queues are shared. Default AVG. */
  allocateStrategy: AllocateMessageQueueStrategy;
  /** Messages a pull asks for, and `poll` gives at most. 1..1024, default 10. */
  pullBatchSize: number;
  /** Bytes a pull asks for; a 4.9 broker doesn't know of it. Default 256 KiB. */
  pullBatchSizeInBytes: number;
  /** Messages of all queues that may wait here. Default 10 000. */
  pullThresholdForAll: number;
  /** Messages of a queue that may wait here. 1..65535, default 1000. */
  pullThresholdForQueue: number;
  /** MiB of a queue that may wait here. 1..1024, default 100. */
  pullThresholdSizeForQueue: number;
  /** Offsets between the first and the last message of a queue that wait here. 1..65535, default 2000. */
  consumeMaxSpan: number;
  /** Whether `poll` commits what earlier polls gave. Default true. */
  autoCommit: boolean;
  /** How often it does, in milliseconds; at least 1000. Default 5000. */
  autoCommitIntervalMillis: number;
  /** How long `poll` waits when it isn't told, in milliseconds. Default 5000. */
  pollTimeoutMillis: number;
  /** How often topics that are listened to are looked at for other queues, in milliseconds. Default 30 000. */
  topicMetadataCheckIntervalMillis: number;
  /** How often offsets are stored, in milliseconds. Default 5000. */
  persistConsumerOffsetInterval: number;
  /** Where broadcasting consumers keep their offsets. Default `~/.rocketmq_offsets`. */
  localOffsetStoreDir: string | undefined;
}

/** Options of a pull consumer; what is left out has the default of {@link LitePullSettings}. */
export interface LitePullConsumerOptions extends ClientOptions, Partial<LitePullSettings>, TraceOptions {
  /** The consumer group. */
  group: string;
}

/** The defaults of `DefaultLitePullConsumer`. */
export const defaultLitePullSettings: LitePullSettings = {
  messageModel: MessageModel.CLUSTERING,
  consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET,
  consumeTimestamp: undefined,
  allocateStrategy: averagely,
  pullBatchSize: 10,
  pullBatchSizeInBytes: 256 * 1024,
  pullThresholdForAll: 10_000,
  pullThresholdForQueue: 1000,
  pullThresholdSizeForQueue: 100,
  consumeMaxSpan: 2000,
  autoCommit: true,
  autoCommitIntervalMillis: 5000,
  pollTimeoutMillis: 5000,
  topicMetadataCheckIntervalMillis: 30_000,
  persistConsumerOffsetInterval: 5000,
  localOffsetStoreDir: undefined,
};

const RANGES: [keyof LitePullSettings, number, number][] = [
  ['pullBatchSize', 1, 1024],
  ['pullBatchSizeInBytes', 1, 0x7fff_ffff],
  ['pullThresholdForAll', 1, 6_553_500],
  ['pullThresholdForQueue', 1, 65_535],
  ['pullThresholdSizeForQueue', 1, 1024],
  ['consumeMaxSpan', 1, 65_535],
  ['autoCommitIntervalMillis', 1000, 0x7fff_ffff],
  ['pollTimeoutMillis', 0, 0x7fff_ffff],
  ['topicMetadataCheckIntervalMillis', 1, 0x7fff_ffff],
  ['persistConsumerOffsetInterval', 1, 0x7fff_ffff],
];

/** Fills in the defaults. @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
export function litePullSettings(options: Partial<LitePullSettings>): LitePullSettings {
  const given = Object.entries(options).filter(
    ([key, value]) => key in defaultLitePullSettings && value !== undefined,
  );
  const settings: LitePullSettings = { ...defaultLitePullSettings, ...Object.fromEntries(given) };
  for (const [name, min, max] of RANGES) inRange(name, Number(settings[name]), 0, min, max);
  checkOneOf('messageModel', settings.messageModel, MessageModel);
  checkOneOf('consumeFromWhere', settings.consumeFromWhere, ConsumeFromWhere);
  consumeTimestampMs(settings.consumeTimestamp, 0);
  return settings;
}
