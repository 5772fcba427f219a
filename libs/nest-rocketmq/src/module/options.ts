import { RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageQueueSelector } from '@nest-rocketmq/client';
import { z } from 'zod';
import { converter } from '../conversion/converter-schema.ts';
import { consumerFields } from '../listener/attribute-schema.ts';
import { describeIssues } from './describe-issues.ts';
import { duration } from './duration.ts';

const port = z.int().min(0).max(65535);

const embedded = z.union([
  z.literal(true),
  z.strictObject({
    /** Where the NameServer and the broker keep their files. Default `.rocketmq` in the working directory. */
    storePath: z.string().min(1).optional(),
    /** 0, or none given: any free port. */
    ports: z.strictObject({ namesrv: port.optional(), broker: port.optional() }).optional(),
  }),
]);

const producer = z.strictObject({
  /** Producer group: 1 to 120 letters, digits, `_`, `-`, `%`, `|`. Stable, and the same for all replicas. Default `nest-rocketmq`. */
  group: z.string().min(1).default('nest-rocketmq'),
  /** How long a send may take, all its attempts together. Default 3 s. */
  sendMessageTimeout: duration.default(3000),
  /** Attempts after the first that failed. Default 2. */
  retryTimesWhenSendFailed: z.int().min(0).default(2),
  /** Whether a result other than SEND_OK is tried again at another broker. Default false. */
  retryNextServer: z.boolean().default(false),
  /** Bodies of at least so many bytes are compressed. Default 4096. */
  compressMessageBodyThreshold: z.int().min(0).default(4096),
  /** Level of the compression, where it has levels: 0..9. Default 5. */
  compressLevel: z.int().min(0).max(9).default(5),
  /** How: `ZLIB`, `LZ4` or `ZSTD`. Default `ZLIB`, which every consumer reads; consumers before 4.9.4 read nothing else. */
  compressType: z.enum(['ZLIB', 'LZ4', 'ZSTD']).default('ZLIB'),
  /** The largest body, and the largest batch, in bytes. Default 4 MiB, as the broker's. */
  maxMessageSize: z
    .int()
    .min(1)
    .default(4 * 1024 * 1024),
  /** Whether brokers that are slow or fail are left out for a while. Default false. */
  sendLatencyFaultEnable: z.boolean().default(false),
  /** Chooses the queue of a `hashKey`: `(queues, message, hashKey) => queue`. Default: Java's hash of the key, as rocketmq-spring. */
  messageQueueSelector: z
    .custom<MessageQueueSelector>((value) => typeof value === 'function', {
      error: 'not a function (queues, message, hashKey) => queue',
    })
    .optional(),
  /** How many questions of brokers about transactions are answered at the same time. Default 16. */
  checkConcurrency: z.int().min(1).max(1000).default(16),
  /** How many more may wait; the broker asks again for those beyond. Default 2000. */
  checkRequestHoldMax: z.int().min(0).max(1_000_000).default(2000),
  /** After how long an answer counts as failed; the broker asks again. Default 30 s. */
  checkTimeout: duration.default(30_000),
  /** Whether what is sent is traced. Default: the module's `trace`. */
  enableMsgTrace: z.boolean().optional(),
  /** Where traces go. Default: the topic of the module's `trace`, or `RMQ_SYS_TRACE_TOPIC`. */
  customizedTraceTopic: z.string().trim().min(1).optional(),
});

const pullConsumer = z.strictObject({
  /** The consumer group, and the topic it subscribes to. */
  group: z.string().min(1),
  topic: z.string().min(1),
  selectorType: z.enum(['TAG', 'SQL92']).default('TAG'),
  /** Which messages: tags joined by `||`, or an SQL92 expression. Default `*`: all. */
  selectorExpression: z.string().min(1).default('*'),
  /** Where a new group begins. Default CONSUME_FROM_LAST_OFFSET. */
  consumeFromWhere: consumerFields.consumeFromWhere,
  messageModel: consumerFields.messageModel,
  /** How many messages `receive` gives at most, 1..1024. Default 10. */
  pullBatchSize: consumerFields.pullBatchSize,
});

const schema = z.strictObject({
  /** `host:port`, several separated by `;` or as an array. Without it and without `embedded`: NAMESRV_ADDR of the environment. */
  nameServer: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** A NameServer and a broker in this process, in place of `nameServer`. Needs `@nest-rocketmq/embedded`. */
  embedded: embedded.optional(),
  producer: producer.prefault({}),
  /** Who the application is, to clusters with access control. Keep the secret in the environment; it is never logged. */
  acl: z
    .strictObject({
      accessKey: z.string().min(1),
      secretKey: z.string().min(1),
      securityToken: z.string().min(1).optional(),
    })
    .optional(),
  /** TLS with NameServers and brokers: `true`, or whom to trust and what to show, as paths of PEM files. */
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        trustCertPath: z.string().min(1).optional(),
        certPath: z.string().min(1).optional(),
        keyPath: z.string().min(1).optional(),
        keyPassword: z.string().optional(),
        /** Whether the servers' certificates must be from a trusted authority. Default true. */
        authServer: z.boolean().optional(),
        /** The name that they must be for. Default: any. */
        serverName: z.string().min(1).optional(),
      }),
    ])
    .optional(),
  /** The namespace of all topics and groups: `order` is `namespace%order` to brokers. */
  namespace: z.string().min(1).optional(),
  /** The namespace told in a field of each request, as by clients from 5.1 on. */
  namespaceV2: z.string().min(1).optional(),
  /**
   * Whether every message leaves a trace: who sent it and when, who consumed it, how long that took and how it ended. With a
   * topic of its own, or in `RMQ_SYS_TRACE_TOPIC`, for which brokers need `traceTopicEnable`. Default false.
   */
  trace: z.union([z.boolean(), z.strictObject({ topic: z.string().trim().min(1) })]).default(false),
  /** What listeners of this connection take over when they don't say it themselves: the decorator's own names. */
  consumer: z.strictObject(consumerFields).default({}),
  /** What `RocketMQTemplate.receive` takes its messages from. Default: there is none. */
  pullConsumer: pullConsumer.optional(),
  /** `fail`: the boot fails when no NameServer answers. `background`: the application starts, and connects when one does. */
  connect: z.enum(['fail', 'background']).default('fail'),
  shutdown: z
    .strictObject({
      /** How long handlers that run may go on when the application stops. Default 30 s. */
      drain: duration.default(30_000),
    })
    .prefault({}),
  /** Where `convertAndSend(payload)` sends to. Default: it needs a destination. */
  defaultDestination: z.string().trim().min(1).optional(),
  /** Payload to body and back, for all templates and listeners of this connection. Default: text, bytes, JSON. */
  converter: converter.optional(),
});

/** The options of `RocketMQModule.forRoot`, and what the factory of `forRootAsync` returns. */
export type RocketMQModuleOptions = z.input<typeof schema>;

/** The options with their defaults, durations in milliseconds and exactly one of `nameServer` and `embedded`. */
export type ResolvedOptions = Omit<z.output<typeof schema>, 'nameServer' | 'embedded'> & {
  cluster: { nameServer: string } | { embedded: Exclude<z.output<typeof embedded>, true> };
};

/** What listeners of a connection take over when they don't say it themselves. */
export type ConsumerDefaults = ResolvedOptions['consumer'];

/** A class for `forRootAsync({ useClass })` or `{ useExisting }`. */
export interface RocketMQOptionsFactory {
  /** Makes the options, once, when the application starts. */
  createRocketMQOptions(): RocketMQModuleOptions | Promise<RocketMQModuleOptions>;
}

/**
 * Checks the options of one connection and fills in the defaults.
 * @throws RocketMQError `INVALID_CONFIG` that names the connection and every option that is unknown or wrong
 */
export function resolveOptions(
  options: unknown,
  connection: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw invalid(connection, describeIssues(parsed.error, 'option'));
  const { nameServer, embedded: local, ...rest } = parsed.data;
  if (rest.namespace !== undefined && rest.namespaceV2 !== undefined)
    throw invalid(connection, ['namespace and namespaceV2 exclude each other: give one of them']);
  if (local !== undefined) {
    if (nameServer !== undefined)
      throw invalid(connection, ['nameServer and embedded exclude each other: give one of them']);
    return { ...rest, cluster: { embedded: local === true ? {} : local } };
  }
  const given = nameServer ?? environment.NAMESRV_ADDR;
  if (given === undefined) {
    throw invalid(connection, [
      "nameServer is missing: give 'host:port', or embedded: true for a cluster in this process, or set NAMESRV_ADDR",
    ]);
  }
  return { ...rest, cluster: { nameServer: nameServerList(given, connection) } };
}

function nameServerList(given: string | readonly string[], connection: string): string {
  const addresses = (typeof given === 'string' ? given.split(';') : given)
    .map((part) => part.trim())
    .filter(Boolean);
  const wrong = addresses.find((address) => {
    const [, digits] = /^.+:(\d{1,5})$/.exec(address) ?? [];
    return digits === undefined || Number(digits) > 65535 || Number(digits) === 0;
  });
  if (wrong !== undefined || addresses.length === 0) {
    throw invalid(connection, [`nameServer: ${JSON.stringify(wrong ?? given)} is not host:port`]);
  }
  return addresses.join(';');
}

function invalid(connection: string, problems: readonly string[]): RocketMQError {
  return new RocketMQError(
    'INVALID_CONFIG',
    `RocketMQModule options of connection '${connection}': ${problems.join('; ')}`,
  );
}
