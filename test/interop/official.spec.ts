import { beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import type { Cluster } from './cases/cluster.ts';
import { litePullCases } from './cases/lite-pull.ts';
import { pullByHandCases } from './cases/pull-by-hand.ts';
import { javaCaseConsumer, orderedCases, ourCaseConsumer } from './cases/ordered.ts';
import { ourClientCases } from './cases/our-client.ts';
import { ourPopCases, ourPopConsumer, popCases } from './cases/pop.ts';
import { sqlFilterCases } from './cases/sql-filter.ts';
import { compressionCases, namespaceCases } from './cases/security.ts';
import { starterCases } from './cases/starter.ts';
import { replayingCases } from './cases/replaying.ts';
import { starterDeadLetterCases } from './cases/starter-dead-letters.ts';
import { starterMicroserviceCases } from './cases/starter-microservices.ts';
import { starterRequestCases } from './cases/starter-requests.ts';
import { starterTemplateCases } from './cases/starter-template.ts';
import { delayLevelCases, RECALLS, timerCases } from './cases/timers.ts';
import { TRANSACTION_TIMES, transactionCases } from './cases/transactions.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker, officialNameServer } from './harness/official.ts';
import { OurConsumer } from './harness/our-consumer.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { PATIENT, PATIENT_SENDER } from './harness/patient.ts';
import { javaPullClient, ourPullClient } from './harness/pull-client.ts';
import { Resources } from './harness/resources.ts';
import { interopSuite } from './harness/suite.ts';
import { ourTimerSender } from './harness/timer-sender.ts';
import { ourTransactionSender } from './harness/transaction-sender.ts';
import { until } from './harness/until.ts';

/** Each version of the servers with the client of that line. */
const pairs = [
  ['4.9.7', '4.9.8'],
  ['5.5.0', '5.5.0'],
] as const;

for (const [version, clientVersion] of pairs) {
  const sets = [`server-${version}`, `client-${clientVersion}`] as const;
  interopSuite(`Apache's servers ${version}`, sets, () => {
    const resources = new Resources();
    let java: JavaClient;
    let cluster: Cluster;
    /** Where Apache's broker is registered as well. */
    let ourNameServerAddress: string;

    beforeAll(async () => {
      java = resources.add(new JavaClient(clientVersion), (it) => it.close());
      const ours = resources.add(await ourNameServer(), (it) => it.stop());
      const official = resources.add(await officialNameServer(version), (it) => it.kill());
      const storePath = resources.directory('store');
      const nameServers = `${official.address};${ours.address}`;
      const broker = resources.add(
        await officialBroker(version, nameServers, storePath, { ...TRANSACTION_TIMES, ...RECALLS }),
        (it) => it.kill(),
      );
      ourNameServerAddress = ours.address;
      cluster = { nameServer: official.address, brokerAddress: broker.address, brokerName: 'broker-a' };
      await java.registered(official.address, 'broker-a');
    });

    const context = () => cluster;
    const client = () => java;

    describe('our client', () => {
      ourClientCases(context, client);
    });

    describe('transactions', () => {
      transactionCases(context, client, ourTransactionSender);
    });

    describe('replaying', () => {
      replayingCases(context, client);
      starterRequestCases(context, client);
    });

    describe('the template', () => {
      starterTemplateCases(context, client, version === '5.5.0');
    });

    describe('delays', () => {
      delayLevelCases(context, client, ourTimerSender);
      // 4.x has no timers.
      if (version === '5.5.0') timerCases(context, client, ourTimerSender);
    });

    // 4.x knows no POP.
    if (version === '5.5.0') {
      describe('POP', () => {
        popCases(context, client, ourPopConsumer);
        ourPopCases(context, client);
      });
    }

    describe('SQL92', () => {
      sqlFilterCases(context, client);
    });

    describe('our consumers in order, and dead letters', () => {
      orderedCases(context, client, ourCaseConsumer, javaCaseConsumer(client));
    });

    describe('our pull consumers', () => {
      litePullCases(context, client, ourPullClient, javaPullClient(client));
      pullByHandCases(context, client);
    });

    describe('compression and namespaces', () => {
      compressionCases(context, client);
      namespaceCases(context, client);
    });

    describe('the starter', () => {
      starterCases(context, client);
      starterDeadLetterCases(context, client);
      starterMicroserviceCases(context, client);
    });

    it("Apache's broker at our NameServer: Apache's client and ours find it there", async () => {
      const nameServer = ourNameServerAddress;
      await java.registered(nameServer, 'broker-a');
      const topic = 'at-our-nameserver';
      await java.createTopic(nameServer, cluster.brokerAddress, topic);
      const theirs = await java.consumer({ group: `${topic}-theirs`, topic, nameServer });
      const ours = await OurConsumer.start({ group: `${topic}-ours`, topic, nameServer });
      const sender = await java.producer(nameServer);
      await sender.send({ topic, body: 'from Java' });
      const producer = new DefaultMQProducer({ group: 'at-our-nameserver', nameServer, ...PATIENT_SENDER });
      await producer.start();
      await producer.send({ topic, body: Buffer.from('from us') });
      for (const consumer of [theirs, ours]) {
        await consumer.received(2);
        expect(consumer.bodies).toEqual(['from Java', 'from us']);
      }
      await Promise.all([producer.shutdown(), theirs.stop(), ours.stop()]);
    });

    it("our broker at Apache's NameServer: registered, used by both clients, and gone when stopped", async () => {
      const { nameServer } = cluster;
      const broker = await ourBroker(nameServer, resources.directory('our-store'), {
        brokerName: 'broker-ours',
      });
      try {
        await java.registered(nameServer, 'broker-ours');
        const topic = 'at-their-nameserver';
        await java.createTopic(nameServer, broker.address, topic);
        const theirs = await java.consumer({ group: `${topic}-theirs`, topic, nameServer });
        const ours = await OurConsumer.start({ group: `${topic}-ours`, topic, nameServer });
        const sender = await java.producer(nameServer);
        const sent = await sender.send({ topic, body: 'from Java' });
        expect(sent.queue.brokerName).toBe('broker-ours');
        const producer = new DefaultMQProducer({
          group: 'at-their-nameserver',
          nameServer,
          ...PATIENT_SENDER,
        });
        await producer.start();
        await producer.send({ topic, body: Buffer.from('from us') });
        for (const consumer of [theirs, ours]) {
          await consumer.received(2);
          expect(consumer.bodies).toEqual(['from Java', 'from us']);
        }
        await Promise.all([producer.shutdown(), theirs.stop(), ours.stop()]);
      } finally {
        await broker.stop();
      }
      const admin = new MQAdmin({ nameServer, ...PATIENT });
      await admin.start();
      await until('it is unregistered', async () => {
        return !(await admin.clusterInfo()).brokerAddrTable.has('broker-ours');
      });
      await admin.shutdown();
    });
  });
}
