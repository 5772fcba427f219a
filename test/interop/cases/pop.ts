import { expect, it } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENT } from '../harness/patient.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';
import { caseTopic, numbered, QUEUES, type Cluster } from './cluster.ts';

/** A message as a consumer of either make has it. */
interface Handed {
  body: Buffer;
  topic: string;
  msgId: string;
  reconsumeTimes: number;
}

/** A push consumer, Apache's or ours. */
interface Consumer {
  readonly messages: readonly Handed[];
  readonly bodies: string[];
  received(count: number, timeoutMs?: number): Promise<readonly Handed[]>;
  stop(): Promise<void>;
}

interface ConsumerOptions {
  topic: string;
  group: string;
  nameServer: string;
  popInvisibleTime: number;
  expression?: string;
  failures?: number;
  hangMs?: number;
}

/** How a consumer is started that pops where the broker says so. */
export type StartPopConsumer = (options: ConsumerOptions) => Promise<Consumer>;

/** Ours. */
export const ourPopConsumer: StartPopConsumer = (options) =>
  OurConsumer.start({ ...options, clientRebalance: false });

/** Apache's; from 5.x on. */
export const javaPopConsumer = (client: JavaClient): StartPopConsumer => {
  return (options) => client.consumer(options);
};

const INVISIBLE = 5000;
/** For cases in which nothing is to come again, however slow the machine is. */
const LONG_INVISIBLE = 120_000;
/** A first try that is longer than the message is invisible. */
const TOO_LONG = 7000;

/** A push consumer that pops, on a broker from 5.x on. `start` makes the consumers; Java sends. */
export function popCases(cluster: () => Cluster, java: () => JavaClient, start: StartPopConsumer): void {
  async function popped(name: string): Promise<Omit<ConsumerOptions, 'failures' | 'hangMs'>> {
    const { nameServer, brokerAddress } = cluster();
    const topic = await caseTopic(cluster(), java(), name);
    const mode = ['setConsumeMode', '-n', nameServer, '-b', brokerAddress, '-t', topic, '-g', topic];
    const answer = await java().mqadmin(...mode, '-m', 'POP', '-q', '0');
    expect(answer).toContain('success');
    return { topic, group: topic, nameServer, popInvisibleTime: INVISIBLE };
  }

  it('messages of all queues come once, to one of the consumers', async () => {
    const options = { ...(await popped('pop-once')), popInvisibleTime: LONG_INVISIBLE };
    const consumers = [await start(options), await start(options)];
    const producer = await java().producer(options.nameServer);
    const bodies = numbered(40);
    for (const [i, body] of bodies.entries()) await producer.send({ topic: options.topic, body }, i % QUEUES);
    const all = (): string[] => consumers.flatMap((consumer) => consumer.bodies).toSorted();
    await until('all have come', () => all().length >= bodies.length, PATIENCE_MS, all);
    expect(all()).toEqual(bodies.toSorted());
    await Promise.all([...consumers, producer].map((each) => each.stop()));
  });

  it('messages of other tags do not come', async () => {
    const options = { ...(await popped('pop-tags')), popInvisibleTime: LONG_INVISIBLE };
    const producer = await java().producer(options.nameServer);
    for (const tags of ['a', 'b', 'a', 'c'])
      await producer.send({ topic: options.topic, tags, body: tags }, 0);
    const consumer = await start({ ...options, expression: 'b || c' });
    await consumer.received(2);
    expect(consumer.bodies).toEqual(['b', 'c']);
    await Promise.all([consumer.stop(), producer.stop()]);
  });

  it('a message that is not acknowledged in time comes again, with one more try', async () => {
    const options = await popped('pop-again');
    const consumer = await start({ ...options, hangMs: TOO_LONG });
    const producer = await java().producer(options.nameServer);
    const sent = await producer.send({ topic: options.topic, body: 'slow' }, 1);
    const messages = await consumer.received(2);
    expect(messages.map(({ topic, reconsumeTimes }) => `${topic} ${reconsumeTimes}`)).toEqual([
      `${options.topic} 0`,
      `${options.topic} 1`,
    ]);
    expect(messages.map(({ msgId }) => msgId)).toEqual([sent.msgId, sent.msgId]);
    await Promise.all([consumer.stop(), producer.stop()]);
  });

  it('a message that failed comes again after its delay', async () => {
    const options = await popped('pop-failed');
    const consumer = await start({ ...options, popInvisibleTime: 60_000, failures: 1 });
    const producer = await java().producer(options.nameServer);
    await producer.send({ topic: options.topic, body: 'fails' }, 2);
    // Java's shortest delay is 10 s.
    const messages = await consumer.received(2);
    expect(messages.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([0, 1]);
    await Promise.all([consumer.stop(), producer.stop()]);
  });
}

/** What our client does beyond Java's. */
export function ourPopCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a message that failed too often goes to the dead letters', async () => {
    const { nameServer } = cluster();
    const topic = await caseTopic(cluster(), java(), 'pop-dead');
    const admin = new MQAdmin({ nameServer, ...PATIENT });
    await admin.start();
    await admin.setMessageRequestMode(topic, topic, 'POP');
    const consumer = await OurConsumer.start({
      topic,
      group: topic,
      nameServer,
      clientRebalance: false,
      maxReconsumeTimes: 0,
      failures: 1,
    });
    const producer = await java().producer(nameServer);
    await producer.send({ topic, body: 'in vain' });
    expect(await consumer.received(1)).toHaveLength(1);
    const letters = { topic: `%DLQ%${topic}`, brokerName: 'broker-a', queueId: 0 };
    await until('it is in the dead letters', async () => {
      return (await admin.topicList()).includes(letters.topic) && (await admin.maxOffset(letters)) === 1;
    });
    await Promise.all([consumer.stop(), producer.stop(), admin.shutdown()]);
  });
}
