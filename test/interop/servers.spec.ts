import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from './cases/cluster.ts';
import { javaClientCases } from './cases/java-client.ts';
import { litePullCases } from './cases/lite-pull.ts';
import { javaCaseConsumer, orderedCases, ourCaseConsumer } from './cases/ordered.ts';
import { ourClientCases } from './cases/our-client.ts';
import { javaPopConsumer, ourPopCases, ourPopConsumer, popCases } from './cases/pop.ts';
import { carriedExpressionCases, sqlFilterCases } from './cases/sql-filter.ts';
import { compressionCases, namespaceCases } from './cases/security.ts';
import { replayingCases } from './cases/replaying.ts';
import { starterRequestCases } from './cases/starter-requests.ts';
import { starterTemplateCases } from './cases/starter-template.ts';
import { delayLevelCases, RECALLS, timerCases } from './cases/timers.ts';
import { TRANSACTION_TIMES, transactionCases } from './cases/transactions.ts';
import { JavaClient } from './harness/java-client.ts';
import type { ClientVersion } from './harness/java-types.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { javaPullClient, ourPullClient } from './harness/pull-client.ts';
import { Resources } from './harness/resources.ts';
import { interopSuite } from './harness/suite.ts';
import { javaTimerSender } from './harness/timer-sender.ts';
import { javaTransactionSender, ourTransactionSender } from './harness/transaction-sender.ts';
import { until } from './harness/until.ts';

const versions: ClientVersion[] = ['4.9.8', '5.5.0'];

interopSuite("Apache's clients on our NameServer and broker", ['client-4.9.8', 'client-5.5.0'], () => {
  const resources = new Resources();
  const clients = new Map<ClientVersion, JavaClient>();
  let cluster: Cluster;

  beforeAll(async () => {
    const nameServer = resources.add(await ourNameServer(), (it) => it.stop());
    const broker = resources.add(
      await ourBroker(nameServer.address, resources.directory('store'), {
        enablePropertyFilter: true,
        ...TRANSACTION_TIMES,
        ...RECALLS,
      }),
      (it) => it.stop(),
    );
    cluster = { nameServer: nameServer.address, brokerAddress: broker.address, brokerName: 'broker-a' };
    for (const version of versions) {
      const client = resources.add(new JavaClient(version), (it) => it.close());
      clients.set(version, client);
      await client.registered(nameServer.address, 'broker-a');
    }
  });

  describe.each(versions)('client %s', (version) => {
    const client = (): JavaClient => {
      const started = clients.get(version);
      if (started === undefined) throw new Error('not started');
      return started;
    };

    javaClientCases(() => cluster, client);

    describe('consumers in order, and dead letters', () => {
      orderedCases(() => cluster, client, javaCaseConsumer(client), ourCaseConsumer);
    });

    describe('pull consumers', () => {
      litePullCases(() => cluster, client, javaPullClient(client), ourPullClient);
    });

    describe('beside our client', () => {
      ourClientCases(() => cluster, client);
    });

    describe('compression and namespaces', () => {
      compressionCases(() => cluster, client);
      namespaceCases(() => cluster, client);
    });

    describe('transactions', () => {
      transactionCases(
        () => cluster,
        client,
        (...rest) => javaTransactionSender(client())(...rest),
      );
    });

    describe('transactions of our producer', () => {
      transactionCases(() => cluster, client, ourTransactionSender);
    });

    describe('replaying', () => {
      replayingCases(() => cluster, client);
      starterRequestCases(() => cluster, client);
    });

    describe('the template', () => {
      starterTemplateCases(() => cluster, client, true);
    });

    describe('delays', () => {
      const sender = (nameServer: string) => javaTimerSender(client())(nameServer);
      delayLevelCases(() => cluster, client, sender);
      // 4.x has no timers.
      if (version === '5.5.0') timerCases(() => cluster, client, sender);
    });

    // 4.x knows no POP.
    if (version === '5.5.0') {
      describe('POP', () => {
        popCases(
          () => cluster,
          client,
          (options) => javaPopConsumer(client())(options),
        );
      });

      describe('POP beside our client', () => {
        popCases(() => cluster, client, ourPopConsumer);
        ourPopCases(() => cluster, client);
      });
    }

    describe('SQL92', () => {
      sqlFilterCases(() => cluster, client);
      carriedExpressionCases(() => cluster, client);
    });

    it('mqadmin: clusterList, topicList, topicRoute, topicStatus, consumerProgress', async () => {
      const at = ['-n', cluster.nameServer];
      const topic = `mqadmin-${version.replaceAll('.', '_')}`;
      await client().createTopic(cluster.nameServer, cluster.brokerAddress, topic);
      const producer = await client().producer(cluster.nameServer);
      const consumer = await client().consumer({
        group: `${topic}-group`,
        topic,
        nameServer: cluster.nameServer,
      });
      await producer.send({ topic, body: 'one' }, 0);
      await consumer.received(1);
      await consumer.stop();
      expect(await client().mqadmin('clusterList', ...at)).toContain(cluster.brokerAddress);
      expect((await client().mqadmin('topicList', ...at)).split('\n')).toContain(topic);
      expect(await client().mqadmin('topicRoute', ...at, '-t', topic)).toContain(cluster.brokerAddress);
      expect(await client().mqadmin('topicStatus', ...at, '-t', topic)).toMatch(/broker-a\s+0\s+0\s+1\s/);
      // It prints nothing as long as the group's retry topic has no route.
      const progress = await until(
        'the progress of the group',
        async () => await client().mqadmin('consumerProgress', ...at, '-g', `${topic}-group`),
      );
      expect(progress).toMatch(new RegExp(`${topic}\\s+broker-a\\s+0\\s+1\\s+1\\s`));
      expect(progress).toMatch(/Consume Diff Total: 0|Diff Total: 0/);
    });
  });
});
