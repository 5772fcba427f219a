import type { MessageExt } from '@nest-rocketmq/client';
import { z } from 'zod';
import { duration } from '../module/duration.ts';
import { converter } from '../conversion/converter-schema.ts';
import { parseRate } from './rate-limit.ts';
import { isStandardSchema, type StandardSchema } from './standard-schema.ts';

/** Text of a placeholder stands for a number, as `'20'` of the environment does. */
function whole(min: number, max: number): z.ZodType<number, number> {
  const toNumber = (value: unknown): unknown =>
    typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value;
  return z.preprocess(toNumber, z.int().min(min).max(max)) as unknown as z.ZodType<number, number>;
}

const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
) as unknown as z.ZodType<boolean, boolean>;

const text = z.string().trim().min(1);

const rate = z.union([z.number(), text]).superRefine((value, context) => {
  try {
    parseRate(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const lanes = z.union([
  flag,
  text,
  z.strictObject({
    /** The name of a property, or what says the key of a message. Default: the message's sharding key, else its first key. */
    key: z
      .custom<string | ((message: MessageExt) => string | undefined)>(
        (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
        { error: "not a lane's key: give the name of a property, or a function of the message" },
      )
      .optional(),
  }),
]);

/** What the module's `consumer` can say for all listeners of a connection. */
export const consumerFields = {
  /** The group of listeners that name none. */
  consumerGroup: text.optional(),
  /** How many messages of a group are handled at the same time. Default 20. */
  concurrency: whole(1, 1000).optional(),
  /** How often a message comes again before it goes to the dead letters. -1: RocketMQ's own 16. */
  maxReconsumeTimes: whole(-1, 0x7fff_ffff).optional(),
  /** 0: the broker's back-off (10s, 30s, 1m, ...); 1..18: always that delay level; -1: to the dead letters. */
  delayLevelWhenNextConsume: whole(-1, 18).optional(),
  /** Where a new group begins. Default CONSUME_FROM_LAST_OFFSET. */
  consumeFromWhere: z
    .enum(['CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP'])
    .optional(),
  /** For CONSUME_FROM_TIMESTAMP: milliseconds since the epoch, or `yyyyMMddHHmmss`. Default: half an hour ago. */
  consumeTimestamp: z.union([z.number(), text]).optional(),
  /** CLUSTERING: each message to one member of the group. BROADCASTING: to all. */
  messageModel: z.enum(['CLUSTERING', 'BROADCASTING']).optional(),
  /** CONCURRENTLY: several messages at once. ORDERLY: one message of a queue at a time, in its order. */
  consumeMode: z.enum(['CONCURRENTLY', 'ORDERLY']).optional(),
  /** ORDERLY: how long a queue waits after a failure, 10 ms to 30 s. Default 1 s. */
  suspendCurrentQueueTime: duration.optional(),
  /** How many messages one pull asks for, 1..1024. Default 32. */
  pullBatchSize: whole(1, 1024).optional(),
  /** false: the brokers share the queues, and may have them popped. Default true. */
  clientRebalance: flag.optional(),
  /** When popped: for how long a message is nobody else's, 5 s to 5 min. Default 1 min. */
  popInvisibleTime: duration.optional(),
  /** After this time a message that is still being handled is given back. Default 15 min. */
  consumeTimeout: duration.optional(),
  /** Whether what happens to messages is traced. Default: the module's `trace`. */
  enableMsgTrace: flag.optional(),
  /** Where traces go. Default: the topic of the module's `trace`, or `RMQ_SYS_TRACE_TOPIC`. */
  customizedTraceTopic: text.optional(),
  /** In order within a key, in parallel across keys: a form of ORDERLY. */
  lanes: lanes.optional(),
  /** Messages that a handler gets at most: a number a second, or text such as `'600/1m'`. */
  rateLimit: rate.optional(),
  /** How long sending a reply may take. Default: the producer's `sendMessageTimeout`. */
  replyTimeout: duration.optional(),
  /** What becomes of a message whose payload can't be read or is not valid. Default DEAD_LETTER. */
  onInvalidPayload: z.enum(['DEAD_LETTER', 'RETRY', 'DROP']).optional(),
  /** Pause between two pulls of a queue. Default none. */
  pullInterval: duration.optional(),
  /** The second part of the client's id. Default: unique; `DEFAULT` when broadcasting. */
  instanceName: text.optional(),
  /** false: the group waits for `RocketMQRegistry.start`. Default true. */
  autoStart: flag.optional(),
};

/** The attributes of one decorator, once placeholders and functions are resolved. */
export const attributesSchema = z.strictObject({
  ...consumerFields,
  connection: text.optional(),
  topic: text.optional(),
  tags: z.union([text, z.array(text).min(1)]).optional(),
  selectorExpression: text.optional(),
  selectorType: z.enum(['TAG', 'SQL92']).optional(),
  payload: z.enum(['auto', 'json', 'text', 'bytes', 'message']).optional(),
  converter: converter.optional(),
  enabled: flag.optional(),
  schema: z
    .custom<StandardSchema>(isStandardSchema, {
      error: 'not a Standard Schema, as those of Zod, Valibot or ArkType',
    })
    .optional(),
  batch: z.strictObject({ size: whole(1, 1000).default(32), wait: duration.default(200) }).optional(),
  onLastAttempt: text.optional(),
  nameServer: text.optional(),
  accessKey: text.optional(),
  secretKey: text.optional(),
  tls: flag.optional(),
  namespace: text.optional(),
  namespaceV2: text.optional(),
  accessChannel: z
    .literal('LOCAL', {
      error: "'LOCAL' is the only one there is: traces are Apache's, not those of a cloud",
    })
    .optional(),
  drain: duration.optional(),
});

/** Attributes as values, durations in milliseconds. */
export type ResolvedAttributes = z.output<typeof attributesSchema>;
