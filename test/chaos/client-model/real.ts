import {
  DefaultLitePullConsumer,
  DefaultMQPullConsumer,
  TransactionMQProducer,
  type DefaultMQProducer,
  type Message,
  type MessageExt,
  type MessageQueue,
  type MQAdmin,
} from '@nest-rocketmq/client';
import { ManualClock, systemClock, type Clock } from '@nest-rocketmq/runtime';
import { ClientCluster } from '../../integration/client-cluster.ts';
import { QUEUES, type Spec } from './model.ts';

const TOPICS_AT_ONCE = 50;

/** A cluster in this process and a client of each kind, for many sequences. The broker's time stands still until it is moved. */
export class Servers {
  readonly clock = new ManualClock(Date.now());
  readonly cluster = new ClientCluster();
  producer!: DefaultMQProducer;
  transactions!: TransactionMQProducer;
  puller!: DefaultMQPullConsumer;
  admin!: MQAdmin;
  #topics: string[] = [];
  #sequence = 0;
  restarts = 0;

  static async start(): Promise<Servers> {
    const servers = new Servers();
    const { cluster } = servers;
    await cluster.startNameServer();
    await servers.#startBroker();
    // Requests time out by the real time; what is looked up by time has the broker's.
    const clock: Clock = {
      now: () => servers.clock.now(),
      schedule: (ms, run) => systemClock.schedule(ms, run),
    };
    const { nameServer } = cluster;
    servers.producer = await cluster.producer();
    servers.admin = await cluster.admin({ clock });
    servers.puller = new DefaultMQPullConsumer({ group: 'model-pull', nameServer });
    servers.transactions = new TransactionMQProducer({
      group: 'model-transactions',
      nameServer,
      transactionListener: { executeLocalTransaction: () => 'UNKNOW', checkLocalTransaction: () => 'UNKNOW' },
    });
    await Promise.all([servers.puller.start(), servers.transactions.start()]);
    return servers;
  }

  async restart(): Promise<void> {
    this.restarts++;
    await this.cluster.stopBroker();
    await this.#startBroker();
  }

  /** A topic of its own for a sequence. */
  async open(): Promise<Real> {
    if (this.#topics.length === 0) {
      this.#topics = Array.from({ length: TOPICS_AT_ONCE }, () => `model-${this.#sequence++}`);
      await Promise.all(this.#topics.map((topic) => this.admin.createTopic({ topic, queueNums: QUEUES })));
    }
    return new Real(this, this.#topics.pop() as string);
  }

  async stop(): Promise<void> {
    await Promise.all([this.puller.shutdown(), this.transactions.shutdown()]);
    await this.cluster.remove();
  }

  async #startBroker(): Promise<void> {
    const config = { recallMessageEnable: true, enablePropertyFilter: true };
    await this.cluster.startBroker('broker-a', config, { storeClock: this.clock });
  }
}

/** The topic of one sequence, and the clients it has. */
export class Real {
  readonly queues: readonly MessageQueue[];
  /** Of the commands on assigned queues. */
  assigned: DefaultLitePullConsumer | undefined;

  constructor(
    readonly servers: Servers,
    readonly topic: string,
  ) {
    this.queues = Array.from({ length: QUEUES }, (_, queueId) => ({
      topic,
      brokerName: 'broker-a',
      queueId,
    }));
  }

  queue(queueId: number): MessageQueue {
    return this.queues[queueId] as MessageQueue;
  }

  /** A group that only this sequence has. */
  group(kind: string): string {
    return `${kind}-${this.topic}`;
  }

  /** The whole of a queue from an offset on, read without consuming it. */
  async read(queueId: number, from = 0): Promise<MessageExt[]> {
    const messages: MessageExt[] = [];
    for (let next = from; ;) {
      const slice = await this.servers.admin.readQueue(this.queue(queueId), next);
      messages.push(...slice.messages);
      if (slice.nextOffset === next) return messages;
      next = slice.nextOffset;
    }
  }

  /** Resolves when a queue has so many messages. */
  async untilMax(queueId: number, count: number): Promise<void> {
    const { admin } = this.servers;
    await until(async () => (await admin.maxOffset(this.queue(queueId))) >= count);
  }

  async close(): Promise<void> {
    await this.assigned?.shutdown();
  }
}

export function messageOf(topic: string, id: string, { tag, key, size, filler }: Spec): Message {
  return {
    topic,
    body: Buffer.from(`${id};${'.'.repeat(filler)}`),
    ...(tag !== undefined && { tags: tag }),
    ...(key !== undefined && { keys: key }),
    ...(size !== undefined && { properties: { size: String(size) } }),
  };
}

/** The id in a message's body, and what tells whether the rest of it arrived. */
export function seen(message: MessageExt): string {
  const [id, filler = ''] = message.body.toString().split(';');
  return `${id} ${message.tags ?? '-'} ${message.keys.join(',') || '-'} ${filler.length}`;
}

/** The same of a message that was sent. */
export function expected({ id, tag, key, filler }: Spec & { id: string }): string {
  return `${id} ${tag ?? '-'} ${key ?? '-'} ${filler}`;
}

export async function until(condition: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come about within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
