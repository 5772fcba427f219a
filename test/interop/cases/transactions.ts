import { expect, it } from '@jest/globals';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import type { StartTransactionSender } from '../harness/transaction-sender.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

/** Short times, so that a case sees a transaction through: keys of broker.conf for the brokers that the cases run on. */
export const TRANSACTION_TIMES = {
  // Longer than anything stands still between a half message and its end: what is ended by then is not asked for.
  transactionTimeOut: 3000,
  // So long has a producer to answer, before it is asked again.
  transactionCheckInterval: 2000,
  // Times that nobody is there to be asked count, too.
  transactionCheckMax: 4,
  /** Apache's broker would ask for what is committed already, and deliver it twice. */
  transactionOpBatchInterval: 100,
};

const PARKED = 'TRANS_CHECK_MAX_TIME_TOPIC';
const commit = { execute: 'COMMIT_MESSAGE', check: 'COMMIT_MESSAGE' } as const;
const rollback = { execute: 'ROLLBACK_MESSAGE', check: 'COMMIT_MESSAGE' } as const;

/** Transactions, sent by the producers of one side and consumed by both sides. The broker has {@link TRANSACTION_TIMES}. */
export function transactionCases(
  cluster: () => Cluster,
  java: () => JavaClient,
  start: StartTransactionSender,
): void {
  async function consumers(topic: string) {
    const options = { topic, nameServer: cluster().nameServer };
    const theirs = await java().consumer({ ...options, group: `${topic}-theirs` });
    const ours = await OurConsumer.start({ ...options, group: `${topic}-ours` });
    return [theirs, ours] as const;
  }

  it('what is committed is delivered, what is rolled back is not', async () => {
    const topic = await caseTopic(cluster(), java(), 'tx-end');
    const sender = await start(cluster().nameServer, `${topic}-producer`);
    const both = await consumers(topic);
    const sent = [
      await sender.send(topic, 'a', commit),
      await sender.send(topic, 'b', rollback),
      await sender.send(topic, 'c', commit),
    ];
    expect(sent.map(({ status, state }) => `${status} ${state}`)).toEqual([
      'SEND_OK COMMIT_MESSAGE',
      'SEND_OK ROLLBACK_MESSAGE',
      'SEND_OK COMMIT_MESSAGE',
    ]);
    for (const consumer of both) {
      await consumer.received(2);
      expect(consumer.bodies).toEqual(['a', 'c']);
      const first = consumer.messages.find((message) => message.body.toString() === 'a');
      expect(first?.msgId).toBe(sent[0]?.msgId);
      expect((first?.sysFlag ?? 0) & 0xc).toBe(8);
    }
    expect(await sender.checked()).toEqual([]);
    const stored = await java().read(cluster().nameServer, topic);
    expect(stored.map((message) => message.body.toString()).toSorted()).toEqual(['a', 'c']);
    await Promise.all([sender.stop(), ...both.map((consumer) => consumer.stop())]);
  });

  it('what is left open is asked for, and ends as the producer answers', async () => {
    const topic = await caseTopic(cluster(), java(), 'tx-check');
    const sender = await start(cluster().nameServer, `${topic}-producer`);
    const both = await consumers(topic);
    const sent = [
      await sender.send(topic, 'a', { execute: 'UNKNOW', check: 'COMMIT_MESSAGE' }),
      await sender.send(topic, 'b', { execute: 'UNKNOW', check: 'ROLLBACK_MESSAGE' }),
    ];
    expect(sent.map(({ state }) => state)).toEqual(['UNKNOW', 'UNKNOW']);
    for (const consumer of both) {
      await consumer.received(1);
      expect(consumer.bodies).toEqual(['a']);
    }
    const asked = await until('both were asked for', async () => {
      const checked = await sender.checked();
      return checked.length >= 2 && checked;
    });
    const lines = asked.map((line) =>
      line
        .split(' ')
        .filter((_, i) => i !== 1)
        .join(' '),
    );
    expect(lines.toSorted()).toEqual(
      [`${topic} ${sent[0]?.msgId} a`, `${topic} ${sent[1]?.msgId} b`].toSorted(),
    );
    await Promise.all([sender.stop(), ...both.map((consumer) => consumer.stop())]);
  });

  it('case 20: what stays open is asked for transactionCheckMax times, and then put aside', async () => {
    const topic = await caseTopic(cluster(), java(), 'tx-open');
    const sender = await start(cluster().nameServer, `${topic}-producer`);
    const { msgId } = await sender.send(topic, 'a', { execute: 'UNKNOW', check: 'UNKNOW' });
    const parked = await until(`${msgId} is in ${PARKED}`, async () => {
      const messages = await java().read(cluster().nameServer, PARKED);
      return messages.find((message) => message.properties['UNIQ_KEY'] === msgId);
    });
    expect(parked.properties['REAL_TOPIC']).toBe(topic);
    expect(parked.properties['TRANSACTION_CHECK_TIMES']).toBe(String(TRANSACTION_TIMES.transactionCheckMax));
    // The first time may come before the producer's first heartbeat: then nobody was there to be asked.
    const { length } = await sender.checked();
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(TRANSACTION_TIMES.transactionCheckMax);
    expect(await java().read(cluster().nameServer, topic)).toEqual([]);
    await sender.stop();
  });
}
