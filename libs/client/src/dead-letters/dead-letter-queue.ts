import { dlqTopic, type MessageQueue } from '@nest-rocketmq/protocol';
import { RocketMQError, sleep, systemClock, type Clock } from '@nest-rocketmq/runtime';
import type { MQAdmin } from '../admin/mq-admin.ts';
import type { QueueOffset } from '../consumer/lite-pull/default-lite-pull-consumer.ts';
import type { SendResult } from '../message/message.ts';
import { illegal } from '../message/validators.ts';
import { withNamespace } from '../namespace/namespace.ts';
import type { DefaultMQProducer } from '../producer/default-mq-producer.ts';
import { deadLetterOf, matches, type DeadLetter, type DeadLetterFilter } from './dead-letter.ts';
import { replayOf, type ReplayTarget } from './replayed-message.ts';

/** What dead letters are read and replayed with. */
export interface DeadLetterAccess {
  readonly admin: Pick<MQAdmin, 'topicQueues' | 'minOffset' | 'maxOffset' | 'searchOffset' | 'readQueue'>;
  /** Who replays; without it they can only be read. */
  readonly producer?: Pick<DefaultMQProducer, 'send'> | undefined;
  /** Of the group, when it is in one. */
  readonly namespace?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Which dead letters are read, and how far. */
export interface ReadOptions extends DeadLetterFilter {
  /** At most so many. Default: all. */
  readonly limit?: number | undefined;
  /** Where to begin, as a report's `next` has it. Default: with the oldest ones. */
  readonly position?: readonly QueueOffset[] | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/** How dead letters are sent again. */
export interface ReplayOptions extends ReadOptions {
  /** At most so many a second. Default 100. */
  readonly rate?: number | undefined;
  /** Sends nothing: the report says what would be sent. */
  readonly dryRun?: boolean | undefined;
  /** `topic` (default): to the topic of origin, for all its groups. `group`: to the group that gave it up alone. */
  readonly to?: ReplayTarget | undefined;
  /** Goes on after one that can't be sent. Default false. */
  readonly keepGoing?: boolean | undefined;
  /** Called with each one that was sent, or would be. */
  readonly onReplay?: ((letter: DeadLetter, result: SendResult | undefined) => void) | undefined;
}

/** What became of a replay. */
export interface ReplayReport {
  readonly dryRun: boolean;
  /** How many were sent; of a dry run, would be. */
  readonly replayed: number;
  /** How many of each topic of origin. */
  readonly topics: ReadonlyMap<string, number>;
  readonly failed: readonly { readonly letter: DeadLetter; readonly error: unknown }[];
  /** Why it ended before its end. */
  readonly stopped: 'aborted' | 'failed' | undefined;
  /** Where a later replay goes on, so that nothing is sent twice: behind everything that was looked at, sent or not wanted. */
  readonly next: readonly QueueOffset[];
}

const DEFAULT_RATE = 100;
const READ_NUMS = 32;

/**
 * The dead letters of a group: `%DLQ%group`. Reading them changes nothing, and replaying them neither: they stay until the
 * broker's files expire, so a replay is to be continued from where the one before ended.
 */
export class DeadLetterQueue {
  readonly group: string;
  readonly #access: DeadLetterAccess;
  readonly #namespace: string;

  constructor(group: string, access: DeadLetterAccess) {
    this.group = group;
    this.#access = access;
    this.#namespace = access.namespace ?? '';
  }

  /**
   * Reads the dead letters that there are now, queue by queue, the oldest first; none when the group has none.
   * @throws RocketMQError when a broker can't be reached, or the topic can't be read, as old brokers made it; BrokerError when
   * a broker refuses
   */
  async *read(options: ReadOptions = {}): AsyncGenerator<DeadLetter, void, void> {
    let left = options.limit ?? Infinity;
    if (left <= 0) return;
    for await (const { letter } of this.#scan(options)) {
      yield letter;
      if (--left <= 0) return;
    }
  }

  /**
   * Sends dead letters again, each with its body, tag, keys, id and properties. What it tells of its death is left out, but
   * `DLQ_ORIGIN_MESSAGE_ID`. One after the other, so that those of a queue keep their order.
   * @throws RocketMQError `INVALID_ARGUMENT` on a wrong option, `WRONG_STATE` without a producer; and as {@link read}. What can't
   * be sent is in the report
   */
  async replay(options: ReplayOptions = {}): Promise<ReplayReport> {
    const { rate = DEFAULT_RATE, dryRun = false, keepGoing = false, limit = Infinity, signal } = options;
    if (!(rate > 0)) throw illegal(`The rate of a replay is a number of messages a second, not ${rate}`);
    const topics = new Map<string, number>();
    const failed: { letter: DeadLetter; error: unknown }[] = [];
    const pace = this.#pace(rate, signal);
    const progress = new Progress(options.position ?? []);
    let replayed = 0;
    const report = (stopped?: ReplayReport['stopped']): ReplayReport => {
      const next = dryRun ? [...(options.position ?? [])] : progress.offsets;
      return { dryRun, replayed, topics, failed, stopped, next };
    };
    if (limit <= 0) return report();
    for await (const { letter, queue } of this.#scan(options, progress)) {
      try {
        if (!dryRun) await pace();
      } catch (error) {
        if (signal?.aborted) return report('aborted');
        throw error;
      }
      try {
        const result = await this.#send(letter, options);
        replayed++;
        const topic = letter.topic ?? '';
        topics.set(topic, (topics.get(topic) ?? 0) + 1);
        options.onReplay?.(letter, result);
      } catch (error) {
        if (signal?.aborted) return report('aborted');
        failed.push({ letter, error });
        if (!keepGoing) return report('failed');
      }
      progress.set(queue, letter.message.queueOffset + 1);
      if (replayed >= limit) return report();
    }
    return report(signal?.aborted ? 'aborted' : undefined);
  }

  async *#scan(
    options: ReadOptions,
    progress = new Progress(options.position ?? []),
  ): AsyncGenerator<{ letter: DeadLetter; queue: MessageQueue }, void, void> {
    const { admin } = this.#access;
    const { signal, from } = options;
    const queues = await this.#queues();
    const ends = await Promise.all(queues.map((queue) => admin.maxOffset(queue)));
    for (const [index, queue] of queues.entries()) {
      // What dies while they are read, perhaps because it was replayed, is for the next time.
      const end = ends[index] ?? 0;
      const oldest =
        from === undefined ? await admin.minOffset(queue) : await admin.searchOffset(queue, Number(from));
      let offset = Math.max(oldest, progress.get(queue) ?? 0);
      while (offset < end && !signal?.aborted) {
        const { messages, nextOffset } = await admin.readQueue(queue, offset, READ_NUMS);
        for (const message of messages) {
          if (message.queueOffset >= end || signal?.aborted) break;
          const letter = deadLetterOf(this.group, message, this.#namespace);
          if (matches(letter, options)) yield { letter, queue };
        }
        if (nextOffset <= offset) break;
        offset = Math.min(nextOffset, end);
      }
      if (!signal?.aborted) progress.set(queue, Math.max(offset, end));
    }
  }

  async #queues(): Promise<readonly MessageQueue[]> {
    const topic = dlqTopic(withNamespace(this.#namespace, this.group));
    try {
      const queues = await this.#access.admin.topicQueues(topic);
      if (queues.length > 0) return queues;
    } catch (error) {
      // The topic comes with the group's first dead letter.
      if (error instanceof RocketMQError && error.code === 'NO_ROUTE') return [];
      throw error;
    }
    throw new RocketMQError(
      'REMOTE',
      `The topic ${topic} can't be read: make it readable with mqadmin updateTopicPerm -t ${topic} -p 6`,
    );
  }

  async #send(letter: DeadLetter, { dryRun, to, signal }: ReplayOptions): Promise<SendResult | undefined> {
    const message = replayOf(letter, to ?? 'topic', this.#namespace);
    if (dryRun) return undefined;
    const { producer } = this.#access;
    if (!producer) throw new RocketMQError('WRONG_STATE', 'There is no producer to replay dead letters with');
    return producer.send(message, signal ? { signal } : {});
  }

  /** Waits until the next one may be sent. */
  #pace(rate: number, signal: AbortSignal | undefined): () => Promise<void> {
    const clock = this.#access.clock ?? systemClock;
    let next = clock.now();
    return async () => {
      const wait = next - clock.now();
      next = Math.max(next, clock.now()) + 1000 / rate;
      if (wait >= 1) await sleep(clock, wait, signal);
      signal?.throwIfAborted();
    };
  }
}

/** How far each queue was replayed. */
class Progress {
  readonly #offsets = new Map<string, QueueOffset>();

  constructor(position: readonly QueueOffset[]) {
    for (const { queue, offset } of position) this.set(queue, offset);
  }

  get(queue: MessageQueue): number | undefined {
    return this.#offsets.get(keyOf(queue))?.offset;
  }

  set(queue: MessageQueue, offset: number): void {
    this.#offsets.set(keyOf(queue), { queue, offset });
  }

  get offsets(): QueueOffset[] {
    return [...this.#offsets.values()];
  }
}

function keyOf({ topic, brokerName, queueId }: MessageQueue): string {
  return JSON.stringify([topic, brokerName, queueId]);
}
