import { expect, it } from '@jest/globals';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';
import { caseTopic, groupConsumed, numbered, QUEUES, type Cluster } from './cluster.ts';

interface Seen {
  body: Buffer;
  queueId: number;
}

/** A consumer of either side. */
export interface CaseConsumer {
  readonly messages: readonly Seen[];
  received(count: number, timeoutMs?: number): Promise<readonly Seen[]>;
  stop(): Promise<void>;
}

export interface CaseConsumerOptions {
  group: string;
  topic: string;
  orderly?: boolean;
  failures?: number;
  maxReconsumeTimes?: number;
  suspendMillis?: number;
}

/** Starts a consumer at a cluster. */
export type StartCaseConsumer = (cluster: Cluster, options: CaseConsumerOptions) => Promise<CaseConsumer>;

export const ourCaseConsumer: StartCaseConsumer = ({ nameServer }, { suspendMillis, ...options }) =>
  OurConsumer.start({
    nameServer,
    ...options,
    ...(suspendMillis === undefined ? {} : { suspendCurrentQueueTimeMillis: suspendMillis }),
  });

export const javaCaseConsumer =
  (java: () => JavaClient): StartCaseConsumer =>
  ({ nameServer }, options) =>
    java().consumer({ nameServer, ...options });

const bodies = (messages: readonly Seen[]): string[] => messages.map(({ body }) => body.toString());
const ofQueue = (messages: readonly Seen[], queueId: number): string[] =>
  bodies(messages.filter((message) => message.queueId === queueId));

/** Order, failures and dead letters, with consumers of one side. */
export function orderedCases(
  cluster: () => Cluster,
  java: () => JavaClient,
  start: StartCaseConsumer,
  other: StartCaseConsumer,
): void {
  const topicOf = (name: string) => caseTopic(cluster(), java(), name);
  const producer = () => java().producer(cluster().nameServer);

  it('consume each queue in order; one that fails is tried again in its place', async () => {
    const topic = await topicOf('ordered');
    const sender = await producer();
    for (const [i, body] of numbered(20).entries())
      await sender.send({ topic, body, ...(i === 5 ? { tags: 'fail' } : {}) }, i % QUEUES);
    const consumer = await start(cluster(), {
      group: `${topic}-group`,
      topic,
      orderly: true,
      failures: 2,
      suspendMillis: 100,
    });
    const messages = await consumer.received(22);
    expect(ofQueue(messages, 0)).toEqual(['m0', 'm4', 'm8', 'm12', 'm16']);
    expect(ofQueue(messages, 1)).toEqual(['m1', 'm5', 'm5', 'm5', 'm9', 'm13', 'm17']);
    await consumer.stop();
    await groupConsumed(cluster(), java(), `${topic}-group`, topic, 5);
  });

  it('put a message that fails too often in its place to the dead letters, and go on', async () => {
    const topic = await topicOf('ordered-dead');
    const group = `${topic}-group`;
    const sender = await producer();
    await sender.send({ topic, body: 'bad', tags: 'fail' }, 0);
    await sender.send({ topic, body: 'good' }, 0);
    const consumer = await start(cluster(), {
      group,
      topic,
      orderly: true,
      failures: 100,
      maxReconsumeTimes: 1,
      suspendMillis: 100,
    });
    expect(bodies(await consumer.received(3))).toEqual(['bad', 'bad', 'good']);
    const dead = await until('there is a dead letter', async () => {
      const found = await java().read(cluster().nameServer, `%DLQ%${group}`);
      return found.length > 0 && found;
    });
    expect(dead.map(({ body, properties }) => [body.toString(), properties['RETRY_TOPIC']])).toEqual([
      ['bad', topic],
    ]);
    await consumer.stop();
  });

  it('give their queues on in order, to a consumer of the other side too', async () => {
    const topic = await topicOf('ordered-moving');
    const group = `${topic}-group`;
    const sender = await producer();
    const send = async (round: number): Promise<void> => {
      for (let queueId = 0; queueId < QUEUES; queueId++)
        await sender.send({ topic, body: `m${round}` }, queueId);
    };
    let rounds = 0;
    while (rounds < 5) await send(rounds++);
    const first = await other(cluster(), { group, topic, orderly: true });
    await first.received(5 * QUEUES);
    const second = await start(cluster(), { group, topic, orderly: true });
    while (rounds < 10) await send(rounds++);
    const come = () => first.messages.length + second.messages.length;
    await until('the first ten rounds have come', () => come() >= 10 * QUEUES, PATIENCE_MS, come);
    await first.stop();
    while (rounds < 15) await send(rounds++);
    await until('all have come', () => come() >= 15 * QUEUES, PATIENCE_MS, come);
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const inOrder = [...ofQueue(first.messages, queueId), ...ofQueue(second.messages, queueId)];
      expect(inOrder).toEqual(numbered(15));
    }
    await second.stop();
  });

  it('send a message back until it is a dead letter, which can be consumed', async () => {
    const topic = await topicOf('dead');
    const group = `${topic}-group`;
    const consumer = await start(cluster(), { group, topic, failures: 100, maxReconsumeTimes: 0 });
    const sender = await producer();
    const sent = await sender.send({
      topic,
      body: 'in vain',
      tags: 't',
      keys: 'k',
      properties: { mine: 'x' },
    });
    await consumer.received(1);
    const dlq = `%DLQ%${group}`;
    await until('the dead letters have a route', () =>
      java().call('admin.route', { nameServer: cluster().nameServer, topic: dlq }),
    );
    const [dead] = await until('the dead letter can be read', async () => {
      const found = await java().read(cluster().nameServer, dlq);
      return found.length > 0 && found;
    });
    expect(dead).toMatchObject({
      topic: dlq,
      tags: 't',
      keys: 'k',
      reconsumeTimes: 1,
      msgId: sent.msgId,
      properties: { mine: 'x', RETRY_TOPIC: topic, ORIGIN_MESSAGE_ID: sent.offsetMsgId },
    });
    for (const startOne of [start, other]) {
      const name = startOne === start ? 'one' : 'other';
      const reader = await startOne(cluster(), { group: `${topic}-${name}-reader`, topic: dlq });
      expect(bodies(await reader.received(1))).toEqual(['in vain']);
      await reader.stop();
    }
    await consumer.stop();
  });
}
