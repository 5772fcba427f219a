import { DefaultLitePullConsumer } from '@nest-rocketmq/client';
import type { JavaClient } from './java-client.ts';
import type { Queue } from './java-types.ts';
import { PATIENT } from './patient.ts';

/** A pull consumer to start, from the first offset, without automatic commits. */
export interface PullClientOptions {
  group: string;
  topic: string;
  nameServer: string;
  /** Tags. Default: all. */
  expression?: string;
  /** All queues of the topic are assigned, in place of a subscription. */
  assigned?: boolean;
}

/** A `DefaultLitePullConsumer`, Apache's or ours. */
export interface PullClient {
  /** The bodies of the next messages; none when none come in a while. */
  poll(): Promise<string[]>;
  commit(): Promise<void>;
  seek(queue: Queue, offset: number): Promise<void>;
  stop(): Promise<void>;
}

export type StartPullClient = (options: PullClientOptions) => Promise<PullClient>;

const POLL_MS = 3000;
let ids = 0;

/** Starts Apache's in that JVM. */
export function javaPullClient(java: () => JavaClient): StartPullClient {
  return async (options) => {
    const client = java();
    const consumer = `pull-${++ids}`;
    const call = <T>(name: string, parameters: object = {}): Promise<T> =>
      client.call<T>(`litePull.${name}`, { consumer, ...parameters });
    await call('start', { expression: '*', ...options });
    return {
      poll: async () =>
        (await call<{ body: string }[]>('poll', { timeout: POLL_MS })).map(({ body }) =>
          Buffer.from(body, 'base64').toString(),
        ),
      commit: () => call('commit'),
      seek: (queue, offset) => call('seek', { queue, offset }),
      stop: () => call('stop'),
    };
  };
}

/** Starts ours. */
export const ourPullClient: StartPullClient = async ({
  topic,
  expression = '*',
  assigned = false,
  ...options
}) => {
  const consumer = new DefaultLitePullConsumer({
    ...PATIENT,
    ...options,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    autoCommit: false,
  });
  if (!assigned) consumer.subscribe(topic, expression);
  await consumer.start();
  if (assigned) await consumer.assign(await consumer.fetchMessageQueues(topic));
  return {
    poll: async () => (await consumer.poll(POLL_MS)).map((message) => message.body.toString()),
    commit: () => consumer.commit(),
    seek: (queue, offset) => consumer.seek(queue, offset),
    stop: () => consumer.shutdown(),
  };
};
