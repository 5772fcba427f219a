import { expect, it } from '@jest/globals';
import {
  DefaultMQProducer,
  MQAdmin,
  type CompressionType,
  type ProducerOptions,
} from '@nest-rocketmq/client';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENT, PATIENT_SENDER } from '../harness/patient.ts';
import { AUTHORITY, FORBIDDEN, FRONT } from '../harness/secure.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

async function withProducer(
  options: ProducerOptions,
  use: (producer: DefaultMQProducer) => Promise<unknown>,
): Promise<void> {
  const producer = new DefaultMQProducer({ ...PATIENT_SENDER, ...options });
  await producer.start();
  try {
    await use(producer);
  } finally {
    await producer.shutdown();
  }
}

/** Bodies compressed by either client are read by both. */
export function compressionCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('bodies compressed with zlib, LZ4 and zstd by either client, read by both', async () => {
    const { nameServer } = cluster();
    const topic = await caseTopic(cluster(), java(), 'compressed');
    const theirs = await java().consumer({ group: `${topic}-theirs`, topic, nameServer });
    const ours = await OurConsumer.start({ group: `${topic}-ours`, topic, nameServer });
    const types: CompressionType[] = ['ZLIB', 'LZ4', 'ZSTD'];
    const expected: string[] = [];
    for (const compressType of types) {
      const texts = [
        `${compressType} of ours `.repeat(3000),
        `${compressType} of theirs `.repeat(3000),
      ] as const;
      expected.push(...texts);
      await withProducer({ group: `ours-${compressType}`, nameServer, compressType }, (producer) =>
        producer.send({ topic, body: Buffer.from(texts[0]) }),
      );
      const sender = await java().producer(nameServer, `theirs-${compressType}`, { compressType });
      await sender.send({ topic, body: texts[1] });
      await sender.stop();
    }
    for (const consumer of [theirs, ours]) {
      await consumer.received(6);
      expect(consumer.bodies.map((body) => `${body.slice(0, 15)} ${body.length}`)).toEqual(
        expected.map((body) => `${body.slice(0, 15)} ${body.length}`).toSorted(),
      );
      expect(consumer.bodies).toEqual(expected.toSorted());
    }
    // Each was stored as its producer compressed it: 5.x and we say the type, zlib's too.
    const flags = new Set(ours.messages.map(({ sysFlag }) => sysFlag & 0x701));
    expect([...flags].toSorted((a, b) => a - b)).toEqual([0x101, 0x201, 0x301]);
    await Promise.all([theirs.stop(), ours.stop()]);
  });
}

/** Both clients in one namespace, by the names without it. */
export function namespaceCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a namespace that both clients are in, and one that is not', async () => {
    const { nameServer } = cluster();
    const stored = await caseTopic(cluster(), java(), 'ns%spaced');
    const topic = stored.slice('ns%'.length);
    const namespace = 'ns';
    const theirs = await java().consumer({ group: `${topic}-theirs`, topic, nameServer, namespace });
    const ours = await OurConsumer.start({ group: `${topic}-ours`, topic, nameServer, namespace });
    const outside = await OurConsumer.start({ group: `${topic}-outside`, topic: stored, nameServer });
    await withProducer({ group: 'ours-in-ns', nameServer, namespace }, async (producer) => {
      const sent = await producer.send({ topic, body: Buffer.from('from us') });
      expect(sent.messageQueue.topic).toBe(topic);
    });
    const sender = await java().producer(nameServer, 'theirs-in-ns', { namespace });
    await sender.send({ topic, body: 'from Java' });
    for (const consumer of [theirs, ours, outside]) {
      await consumer.received(2);
      expect(consumer.bodies).toEqual(['from Java', 'from us']);
    }
    expect([theirs, ours, outside].map((consumer) => consumer.messages[0]?.topic)).toEqual([
      topic,
      topic,
      stored,
    ]);
    await Promise.all([theirs.stop(), ours.stop(), outside.stop(), sender.stop()]);
  });
}

/** Both clients on servers that take nothing but TLS and signatures. `authorizes`: and that know who may use which topic. */
export function secureCases(
  nameServer: () => string,
  java: () => JavaClient,
  account: typeof FRONT,
  authorizes: boolean,
): void {
  const name = (what: string): string => `${what}-${java().version.replaceAll('.', '_')}`;
  const body = Buffer.from('from us');

  it('both clients send and consume, signed and encrypted', async () => {
    const topic = name('secured');
    await withProducer(
      { group: name('ours'), nameServer: nameServer(), tls: AUTHORITY, ...account },
      (producer) => producer.send({ topic, body }),
    );
    const sender = await java().producer(nameServer(), name('theirs'), { useTLS: true, ...account });
    await sender.send({ topic, body: 'from Java' });
    // The broker has made the topic, and tells the NameServer behind the answers; consumers look for a route every half a minute.
    const admin = new MQAdmin({ nameServer: nameServer(), tls: AUTHORITY, ...account, ...PATIENT });
    await admin.start();
    await until(`${topic} has a route`, async () => (await admin.topicQueues(topic)).length > 0);
    await admin.shutdown();
    const theirs = await java().consumer({
      group: `${topic}-theirs`,
      topic,
      nameServer: nameServer(),
      useTLS: true,
      ...account,
    });
    const ours = await OurConsumer.start({
      group: `${topic}-ours`,
      topic,
      nameServer: nameServer(),
      tls: AUTHORITY,
      ...account,
    });
    for (const consumer of [theirs, ours]) {
      await consumer.received(2);
      expect(consumer.bodies).toEqual(['from Java', 'from us']);
    }
    await sender.sendBatch([{ topic, body: 'batched' }]);
    await withProducer(
      { group: name('ours'), nameServer: nameServer(), tls: AUTHORITY, ...account },
      (producer) => producer.sendBatch([{ topic, body: Buffer.from('batched') }]),
    );
    for (const consumer of [theirs, ours]) await consumer.received(4);
    await Promise.all([theirs.stop(), ours.stop(), sender.stop()]);
  });

  it('neither client gets in with a wrong secret, or without any', async () => {
    const topic = name('secured');
    for (const credentials of [{ ...account, secretKey: 'not-the-secret' }, {}]) {
      await withProducer(
        { group: name('ours'), nameServer: nameServer(), tls: AUTHORITY, ...credentials },
        async (producer) => {
          await expect(producer.send({ topic, body }, { retries: 0 })).rejects.toBeDefined();
        },
      );
      const sender = await java().producer(nameServer(), name('theirs'), { useTLS: true, ...credentials });
      await expect(sender.send({ topic, body: 'from Java' })).rejects.toThrow(/CODE: (1|16) /);
      await sender.stop();
    }
  });

  it('neither client gets in without TLS', async () => {
    const topic = name('secured');
    await withProducer({ group: name('ours'), nameServer: nameServer(), ...account }, async (producer) => {
      await expect(producer.send({ topic, body })).rejects.toMatchObject({
        code: expect.stringMatching(/CONNECT_FAILED|CONNECTION_CLOSED/),
      });
    });
    const sender = await java().producer(nameServer(), name('theirs'), account);
    await expect(sender.send({ topic, body: 'from Java' })).rejects.toThrow('Java client');
    await sender.stop();
  });

  if (authorizes) {
    it('neither client sends to a topic that is not for its account', async () => {
      await withProducer(
        { group: name('ours'), nameServer: nameServer(), tls: AUTHORITY, ...account },
        async (producer) => {
          await expect(producer.send({ topic: FORBIDDEN, body }, { retries: 0 })).rejects.toThrow(
            `No default permission for topic:${FORBIDDEN}`,
          );
        },
      );
      const sender = await java().producer(nameServer(), name('theirs'), { useTLS: true, ...account });
      await expect(sender.send({ topic: FORBIDDEN, body: 'x' })).rejects.toThrow(/No default permission for/);
      await sender.stop();
    });
  }
}
