import { expect, it } from '@jest/globals';
import type { JavaClient } from '../harness/java-client.ts';
import type { PullClient, StartPullClient } from '../harness/pull-client.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';
import { caseTopic, groupConsumed, numbered, QUEUES, type Cluster } from './cluster.ts';

/**
 * Pull consumers of one side, and how the other side goes on where they were.
 * @param start the ones that are tried
 * @param other those of the other side
 */
export function litePullCases(
  cluster: () => Cluster,
  java: () => JavaClient,
  start: StartPullClient,
  other: StartPullClient,
): void {
  const queueOf = (topic: string, queueId: number) => ({
    topic,
    brokerName: cluster().brokerName,
    queueId,
  });

  async function filled(name: string, count: number): Promise<string> {
    const topic = await caseTopic(cluster(), java(), name);
    const sender = await java().producer(cluster().nameServer);
    for (const [i, body] of numbered(count).entries())
      await sender.send({ topic, body, tags: i % 2 ? 'odd' : 'even' }, i % QUEUES);
    return topic;
  }

  async function polled(consumer: PullClient, count: number): Promise<string[]> {
    const bodies: string[] = [];
    await until(
      `${count} messages were polled`,
      async () => {
        bodies.push(...(await consumer.poll()));
        return bodies.length >= count;
      },
      PATIENCE_MS,
      () => bodies,
    );
    return bodies.toSorted();
  }

  it('subscribe, poll and commit; another consumer of the group goes on there', async () => {
    const topic = await filled('pull', 12);
    const options = { group: `${topic}-group`, topic, nameServer: cluster().nameServer };
    const first = await start(options);
    expect(await polled(first, 12)).toEqual(numbered(12).toSorted());
    await first.commit();
    await first.stop();
    await groupConsumed(cluster(), java(), options.group, topic, 3);
    const sender = await java().producer(cluster().nameServer);
    for (let queueId = 0; queueId < QUEUES; queueId++)
      await sender.send({ topic, body: `n${queueId}` }, queueId);
    const second = await other(options);
    expect(await polled(second, QUEUES)).toEqual(['n0', 'n1', 'n2', 'n3']);
    await second.commit();
    await second.stop();
    await groupConsumed(cluster(), java(), options.group, topic, 4);
  });

  it('select by tags', async () => {
    const topic = await filled('pull-tags', 12);
    const options = { group: `${topic}-group`, topic, nameServer: cluster().nameServer };
    const consumer = await start({ ...options, expression: 'odd' });
    expect(await polled(consumer, 6)).toEqual(['m1', 'm11', 'm3', 'm5', 'm7', 'm9']);
    await consumer.stop();
  });

  it('are assigned queues and seek in them', async () => {
    const topic = await filled('pull-assigned', 12);
    const options = { group: `${topic}-group`, topic, nameServer: cluster().nameServer };
    const consumer = await start({ ...options, assigned: true });
    expect(await polled(consumer, 12)).toEqual(numbered(12).toSorted());
    await consumer.seek(queueOf(topic, 1), 1);
    expect(await polled(consumer, 2)).toEqual(['m5', 'm9']);
    await expect(consumer.seek(queueOf(topic, 1), 100)).rejects.toThrow(/100|offset/i);
    await consumer.stop();
  });
}
