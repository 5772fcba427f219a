import { describe, expect, it } from '@jest/globals';
import type { MQAdmin } from '@nest-rocketmq/client';
import { createTypedTopic, TRANSACTION_TOPICS, type TopicType } from '../harness/grpc-setup.ts';
import type { GrpcClient, GrpcSeenMessage, GrpcSimpleConsumer } from '../harness/grpc-client.ts';
import { until } from '../harness/until.ts';
import { TRANSACTION_TIMES } from './transactions.ts';

/** What the cases need of the broker. */
export const GRPC_BROKER = { ...TRANSACTION_TIMES, recallMessageEnable: true };

const bodies = (messages: readonly GrpcSeenMessage[]): string[] => messages.map(({ body }) => body);

/** gRPC clients behind Apache's proxy. The broker has {@link GRPC_BROKER}. */
export function grpcCases(grpc: () => GrpcClient, admin: () => MQAdmin): void {
  let topics = 0;
  let transactionTopics = 0;

  /** A topic for one try of one case, and a group that consumes it. */
  async function place(type: TopicType): Promise<{ topic: string; group: string }> {
    const named = type === 'TRANSACTION' ? TRANSACTION_TOPICS[transactionTopics++] : undefined;
    const topic = named ?? `${type.toLowerCase()}-${++topics}`;
    if (named === undefined) await createTypedTopic(admin(), topic, type);
    const group = `group-of-${topic}`;
    await admin().createSubscriptionGroup({ groupName: group, consumeMessageOrderly: type === 'FIFO' });
    return { topic, group };
  }

  /** Receives until that body comes, and says how. */
  const comes = (consumer: GrpcSimpleConsumer, body: string): Promise<GrpcSeenMessage> =>
    until(`${body} comes`, async () => (await consumer.receive()).find((seen) => seen.body === body));

  describe('a SimpleConsumer', () => {
    it('gets a message as it was sent', async () => {
      const { topic, group } = await place('NORMAL');
      const consumer = await grpc().subscribe({ group, topic });
      const sent = {
        topic,
        body: '订单 café',
        tag: 'a',
        key: 'k1',
        properties: { color: 'red' },
      };
      const { messageId } = await grpc().send(sent);
      const [seen] = await consumer.take(1);
      const { body, tag, properties } = sent;
      expect(seen).toMatchObject({ messageId, body, tag, keys: ['k1'], properties, attempt: 1 });
    });

    it('gets what its tags, or its SQL expression, say', async () => {
      const { topic, group } = await place('NORMAL');
      const byTag = await grpc().subscribe({ group, topic, tags: 'a || b' });
      const bySql = await grpc().subscribe({
        group: `${group}-sql`,
        topic,
        sql: "price > 5 AND TAGS <> 'c'",
      });
      for (const [i, tag] of ['a', 'b', 'c', 'a', 'b', 'c'].entries())
        await grpc().send({ topic, body: `${tag}${i * 2}`, tag, properties: { price: String(i * 2) } });
      expect(bodies(await byTag.take(4)).toSorted()).toEqual(['a0', 'a6', 'b2', 'b8']);
      expect(bodies(await bySql.take(2)).toSorted()).toEqual(['a6', 'b8']);
    });

    it('gets again what it does not acknowledge, as late as it says', async () => {
      const { topic, group } = await place('NORMAL');
      const consumer = await grpc().subscribe({ group, topic });
      await grpc().send({ topic, body: 'later' });
      await grpc().send({ topic, body: 'forgotten' });
      const first: GrpcSeenMessage[] = [];
      await until('both came', async () => first.push(...(await consumer.receive(10_000))) >= 2);
      for (const message of first) {
        expect(message.attempt).toBe(1);
        if (message.body === 'later') await consumer.changeInvisible(message, 15_000);
      }
      const since = performance.now();
      const again = await consumer.take(2);
      expect(performance.now() - since).toBeGreaterThan(14_000);
      expect(bodies(again)).toEqual(['forgotten', 'later']);
      expect(again.map(({ attempt }) => attempt)).toEqual([2, 2]);
      expect(await consumer.receive()).toEqual([]);
    });

    it('gets the messages of a group in their order', async () => {
      const { topic, group } = await place('FIFO');
      const consumer = await grpc().subscribe({ group, topic });
      for (let i = 0; i < 10; i++)
        await grpc().send({ topic, body: `${i % 2}-${i}`, messageGroup: `g${i % 2}` });
      const taken = await consumer.take(10);
      for (const odd of [0, 1]) {
        const own = taken.filter(({ messageGroup }) => messageGroup === `g${odd}`);
        expect(bodies(own)).toEqual([0, 2, 4, 6, 8].map((i) => `${odd}-${i + odd}`));
      }
    });

    it('gets a delayed message when its time has come, and none that was recalled', async () => {
      const { topic, group } = await place('DELAY');
      const consumer = await grpc().subscribe({ group, topic });
      const recalled = await grpc().send({ topic, body: 'recalled', delay: 6000 });
      await grpc().recall(topic, recalled.recallHandle);
      const since = performance.now();
      await grpc().send({ topic, body: 'soon', delay: 3000 });
      await grpc().send({ topic, body: 'last', delay: 8000 });
      const soon = await comes(consumer, 'soon');
      expect(performance.now() - since).toBeGreaterThan(2900);
      await consumer.ack(soon);
      expect(bodies(await consumer.take(1))).toEqual(['last']);
    });

    it('gets what is committed, by the producer or when it is asked, and nothing rolled back', async () => {
      const { topic, group } = await place('TRANSACTION');
      const consumer = await grpc().subscribe({ group, topic });
      await grpc().send({ topic, body: 'rolled back', end: 'ROLLBACK' });
      await grpc().send({ topic, body: 'committed', end: 'COMMIT' });
      await grpc().send({ topic, body: 'no', end: 'NONE', properties: { checked: 'ROLLBACK' } });
      await grpc().send({ topic, body: 'yes', end: 'NONE', properties: { checked: 'COMMIT' } });
      expect(bodies(await consumer.take(2))).toEqual(['committed', 'yes']);
      expect(await consumer.receive()).toEqual([]);
    });
  });

  describe('a PushConsumer', () => {
    it('gets again what it fails', async () => {
      const { topic, group } = await place('NORMAL');
      const seen = await grpc().push({ group, topic, tags: 'a' });
      for (const body of ['one', 'fails', 'two']) await grpc().send({ topic, body, tag: 'a' });
      await grpc().send({ topic, body: 'of another tag', tag: 'b' });
      await until(
        'all came, one twice',
        () => seen.length >= 4,
        undefined,
        () => seen,
      );
      expect(seen.map(({ body, attempt }) => `${body} ${attempt}`).toSorted()).toEqual(
        ['one 1', 'fails 1', 'fails 2', 'two 1'].toSorted(),
      );
    });

    it('gets the messages of a group in their order, also when one fails', async () => {
      const { topic, group } = await place('FIFO');
      const seen = await grpc().push({ group, topic });
      const sent = ['0', '1', 'fails', '3', '4'];
      for (const body of sent) await grpc().send({ topic, body, messageGroup: 'g' });
      await until(
        'all came, one twice',
        () => seen.length >= 6,
        undefined,
        () => seen,
      );
      expect(bodies(seen)).toEqual(['0', '1', 'fails', 'fails', '3', '4']);
    });
  });
}
