import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaClient, JavaProducer } from '../harness/java-client.ts';
import type { ConsumeStatsRow, Queue, SeenMessage } from '../harness/java-types.ts';
import { until } from '../harness/until.ts';
import { numbered, QUEUES } from './cluster.ts';

const TOPIC = 'kept';
/** One queue, long enough to need several files of commit log and consume queue. */
const LONG_TOPIC = 'rolled';
const DELAYED_TOPIC = 'delayed';
const GROUP = 'half-way';
const DELAY_LEVEL_5S = 2;

/** Files so small that a few hundred messages fill several, and indexes of a size a test can afford. */
export const smallFiles = {
  mappedFileSizeCommitLog: 256 * 1024,
  mappedFileSizeConsumeQueue: 100 * 20,
  maxHashSlotNum: 5_000,
  maxIndexNum: 20_000,
  flushConsumerOffsetInterval: 500,
};

/** All that a broker says about its store, through Apache's client. */
export interface StoreSnapshot {
  messages: SeenMessage[];
  offsets: { queue: Queue; min: number; max: number }[];
  group: unknown[];
  byKey: string[][];
  byId: string[];
  byTime: number[];
}

/** A store as its broker serves it: fills it in rounds, and says what is in it. */
export class StoreContent {
  private readonly java: JavaClient;
  private readonly nameServer: string;
  private readonly storePath: string;
  private readonly timedTopics: readonly string[];
  private readonly rounds: string[] = [];
  private groupIsKnown = false;

  /**
   * `exactTime`: whether a search by time finds the message in a queue of several files as well. 4.9 takes the first
   * file that was modified after the time, and modified means whenever the kernel wrote its memory back: in its own files
   * too it finds other messages than the one that was stored then. In a queue of one file it is exact.
   */
  constructor(java: JavaClient, nameServer: string, storePath: string, exactTime: boolean) {
    this.java = java;
    this.nameServer = nameServer;
    this.storePath = storePath;
    this.timedTopics = exactTime ? [TOPIC, LONG_TOPIC] : [TOPIC];
  }

  /** Makes the topics; the broker keeps their configuration in the store from then on. */
  async createTopics(broker: string): Promise<void> {
    await this.java.createTopic(this.nameServer, broker, TOPIC, QUEUES);
    await this.java.createTopic(this.nameServer, broker, LONG_TOPIC, 1);
    await this.java.createTopic(this.nameServer, broker, DELAYED_TOPIC, 1);
  }

  /**
   * Adds a round of messages of all kinds, lets the group {@link GROUP} consume what there is, and adds some that it has
   * yet to consume. The group's offsets are on the disk when this returns, as they would be after a while.
   */
  async fill(round: string): Promise<void> {
    this.rounds.push(round);
    const producer = await this.java.producer(this.nameServer);
    for (const [i, body] of numbered(40).entries()) {
      const keys = `key-${round}-${i} key-${round}`;
      const properties = { round, who: '订单😀' };
      await producer.send(
        { topic: TOPIC, body: `${round} ${body}`, tags: `t${i % 3}`, keys, flag: i, properties },
        i % QUEUES,
      );
    }
    await producer.send({ topic: TOPIC, body: Buffer.alloc(60_000, `${round} compressible `) });
    await producer.sendBatch(
      numbered(7).map((body) => ({ topic: TOPIC, body: `${round} batch ${body}`, keys: `batch-${body}` })),
    );
    for (let i = 0; i < 129; i++) await producer.send({ topic: LONG_TOPIC, body: randomBytes(3_000) });
    const last = await producer.send({ topic: LONG_TOPIC, body: randomBytes(3_000) });
    // Apache's broker builds its queues behind the answers, in the order of its log.
    const readable = async () => (await producer.offsets(last.queue)).max > last.queueOffset;
    await until('all messages can be read', readable);
    await this.consume();
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      await producer.send({ topic: TOPIC, body: `${round} rest ${queueId}`, keys: `rest-${round}` }, queueId);
    }
    await this.indexed(producer, `rest-${round}`, QUEUES);
    await producer.send({ topic: DELAYED_TOPIC, body: round, delayLevel: DELAY_LEVEL_5S });
    await producer.stop();
  }

  /** What {@link GROUP} gets now: the bodies it had not consumed. */
  async consume(): Promise<string[]> {
    const rows = this.groupIsKnown ? await this.groupStats() : [];
    const consumed = rows.reduce((sum, row) => sum + row.consumerOffset, 0);
    const total = (await this.java.read(this.nameServer, TOPIC)).length;
    const consumer = await this.java.consumer({ group: GROUP, topic: TOPIC, nameServer: this.nameServer });
    await consumer.received(total - consumed);
    this.groupIsKnown = true;
    await consumer.stop();
    await until('the offsets are on the disk', () => this.persistedOffsets() === total);
    return consumer.bodies;
  }

  /** That the round's delayed message has come, whichever broker it was that delivered it. */
  async delayedArrived(round: string): Promise<void> {
    await until(`the delayed message of ${round}`, async () => {
      const messages = await this.java.read(this.nameServer, DELAYED_TOPIC);
      return messages.some((message) => message.body.toString() === round);
    });
  }

  async snapshot(): Promise<StoreSnapshot> {
    const producer = await this.java.producer(this.nameServer);
    const topics = await Promise.all(
      [TOPIC, LONG_TOPIC].map((topic) => this.java.read(this.nameServer, topic)),
    );
    const messages = topics.flat();
    const queues = (await Promise.all([TOPIC, LONG_TOPIC].map((topic) => producer.queues(topic)))).flat();
    const keys = this.rounds.flatMap((round) => [
      `key-${round}`,
      `key-${round}-7`,
      `rest-${round}`,
      'batch-m3',
    ]);
    const some = messages.filter((_, i) => i % 29 === 0);
    const timed = some.filter(({ topic }) => this.timedTopics.includes(topic));
    const snapshot = {
      messages: messages.toSorted((a, b) => a.commitLogOffset - b.commitLogOffset),
      offsets: await Promise.all(
        queues.map(async (queue) => ({ queue, ...(await producer.offsets(queue)) })),
      ),
      group: (await this.groupStats()).toSorted((a, b) => a.queue.queueId - b.queue.queueId),
      byKey: await Promise.all(keys.map(async (key) => ids(await producer.query(TOPIC, key)))),
      byId: await Promise.all(
        some.map(async ({ topic, msgId }) => (await producer.view(topic, msgId)).msgId),
      ),
      // Of messages stored in the same millisecond 4.9 finds any, 5.x the first: the time found is what both agree on.
      byTime: await Promise.all(
        timed.map(async (message) => {
          const offset = await producer.searchOffset(message, message.storeTimestamp);
          const found = messages.find(
            (one) =>
              one.topic === message.topic && one.queueId === message.queueId && one.queueOffset === offset,
          );
          return found?.storeTimestamp ?? -1;
        }),
      ),
    };
    await producer.stop();
    return snapshot;
  }

  /** Where the group stands; that can't be asked for before its retry topic has a route. */
  private groupStats(): Promise<ConsumeStatsRow[]> {
    return until('the group has offsets', () => this.java.consumeStats(this.nameServer, GROUP, TOPIC));
  }

  private async indexed(producer: JavaProducer, key: string, count: number): Promise<void> {
    await until(`${key} is indexed`, async () => (await producer.query(TOPIC, key)).length >= count);
  }

  /** The sum of the group's offsets in the file that the broker keeps them in. */
  private persistedOffsets(): number {
    const file = join(this.storePath, 'config', 'consumerOffset.json');
    if (!existsSync(file)) return 0;
    const offsets =
      new RegExp(`"${TOPIC}@${GROUP}"\\s*:\\s*\\{([^}]*)\\}`).exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    return offsets
      .split(',')
      .map((entry) => Number(entry.split(':')[1]))
      .reduce((sum, offset) => sum + offset, 0);
  }
}

function ids(messages: SeenMessage[]): string[] {
  return messages.map((message) => message.msgId).toSorted();
}
