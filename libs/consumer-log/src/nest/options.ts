import { z } from 'zod';
import { RocketMQError, parseDuration, type Clock, type Duration } from '@nest-rocketmq/runtime';
import type { EntityManager } from 'typeorm';
import type { ConsumerLogStore } from '../log/consumer-log-store.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { OutboxTransport } from '../outbox/outbox-transport.ts';
import { DEFAULT_TABLES } from '../typeorm/tables.ts';

const LONGEST_TIMEOUT_MS = 7_200_000;

const duration = z
  .union([z.number(), z.string()])
  .transform((value: Duration, context) => {
    try {
      return parseDuration(value);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  })
  .pipe(z.number().positive());
const count = z.number().int().positive();
const tableName = z.string().regex(/^[A-Za-z_]\w{0,40}(\.[A-Za-z_]\w{0,40})?$/, 'is not the name of a table');
const given = <T>() =>
  z.custom<T>((value) => typeof value === 'object' && value !== null, 'is not an object');

const schema = z.strictObject({
  /** Who sends: `group_name` of the outbox's rows. Default: the producer group of the RocketMQ module. */
  group: z.string().min(1).max(255).optional(),
  /** What the tables are called; with the schema before it where that isn't the data source's. */
  tables: z
    .strictObject({
      consumerLog: tableName.default(DEFAULT_TABLES.consumerLog),
      producerTemp: tableName.default(DEFAULT_TABLES.producerTemp),
    })
    .prefault({}),
  /** Whether the tables are created at boot where they are not there. Default false: by a migration of the application. */
  createTables: z.boolean().default(false),
  consumer: z
    .strictObject({
      /** How many failures a message may have and still be tried again. Default 3. */
      maxFailures: z.number().int().nonnegative().default(3),
      /** After this time a message that is in process belongs to nobody: its owner died. Default 1 min, 2 h at most. */
      processingTimeout: duration.pipe(z.number().max(LONGEST_TIMEOUT_MS)).default(60_000),
      /** How long rows of consumed messages are kept: a message that comes again after that is consumed again. Default 7 d. */
      retention: duration.default(604_800_000),
      /** In place of the table. It has to pass the conformance suite. */
      store: given<ConsumerLogStore<EntityManager>>().optional(),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      /** Whether this process sends what is in the outbox. Default true. */
      relay: z.boolean().default(true),
      /** How long the relay waits when there was nothing to send; a commit of this process wakes it. Default 1 s. */
      interval: duration.default(1_000),
      /** How many messages it leases at once. Default 100. */
      batch: count.max(1_000).default(100),
      /** How many it sends at the same time. Default 16. */
      concurrency: count.max(1_000).default(16),
      /** After this time another relay sends what one that died had. Default 1 min. */
      lease: duration.default(60_000),
      /** How long a message waits that could not be sent: at first (default 1 s), doubled each time, and at most (5 min). */
      backoff: z
        .strictObject({ first: duration.default(1_000), longest: duration.default(300_000) })
        .prefault({}),
      /** After so many failures a message is given up. Default: never; one that no broker would take is at once. */
      maxAttempts: count.optional(),
      /** How long rows of messages that were sent are kept. Default 7 d. */
      retention: duration.default(604_800_000),
      /** In place of the table. It has to pass the conformance suite. */
      store: given<OutboxStore<EntityManager>>().optional(),
      /** In place of RocketMQ. */
      transport: given<OutboxTransport>().optional(),
    })
    .prefault({}),
  /** How often rows are looked for that are kept long enough. Default 10 min. */
  cleanInterval: duration.default(600_000),
  /** Where the time comes from. Default: the machine. */
  clock: given<Clock>().optional(),
});

/** The options of `ConsumerLogModule.forRoot`, and what the factory of `forRootAsync` returns. */
export type ConsumerLogModuleOptions = z.input<typeof schema>;

/** The options with their defaults, durations in milliseconds. */
export type ResolvedConsumerLogOptions = z.output<typeof schema>;

/** A class for `forRootAsync({ useClass })` or `{ useExisting }`. */
export interface ConsumerLogOptionsFactory {
  /** Makes the options, once, when the application starts. */
  createConsumerLogOptions(): ConsumerLogModuleOptions | Promise<ConsumerLogModuleOptions>;
}

/** @throws RocketMQError `INVALID_CONFIG` that names every option that is unknown or wrong */
export function resolveConsumerLogOptions(options: unknown): ResolvedConsumerLogOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
  );
  throw new RocketMQError('INVALID_CONFIG', `ConsumerLogModule options: ${problems.join('; ')}`);
}
