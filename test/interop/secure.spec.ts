import { beforeAll, describe } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import { secureCases } from './cases/security.ts';
import { JavaClient } from './harness/java-client.ts';
import type { ClientVersion } from './harness/java-types.ts';
import { PATIENT } from './harness/patient.ts';
import { Resources } from './harness/resources.ts';
import {
  AUTHORITY,
  FRONT,
  officialSecureServers,
  OPERATOR,
  ourSecureServers,
  type SecureServers,
} from './harness/secure.ts';
import { interopSuite } from './harness/suite.ts';
import { until } from './harness/until.ts';

async function isRegistered(nameServer: string): Promise<void> {
  const admin = new MQAdmin({ nameServer, tls: AUTHORITY, ...OPERATOR, ...PATIENT });
  await admin.start();
  await until('the broker is registered', async () =>
    (await admin.clusterInfo()).brokerAddrTable.has('broker-a'),
  );
  await admin.shutdown();
}

/** The servers of a suite and the Java clients on them. */
function secureSuite(
  versions: readonly ClientVersion[],
  start: () => Promise<SecureServers>,
  account: typeof FRONT,
  authorizes: boolean,
): void {
  const resources = new Resources();
  const clients = new Map<ClientVersion, JavaClient>();
  let servers: SecureServers | undefined;

  beforeAll(async () => {
    servers = await start();
    const { nameServer, broker } = servers;
    resources.add(nameServer, (it) => it.kill());
    resources.add(broker, (it) => it.kill());
    await isRegistered(nameServer.address);
    for (const version of versions) {
      clients.set(
        version,
        resources.add(new JavaClient(version), (it) => it.close()),
      );
    }
  });

  describe.each(versions)('client %s', (version) => {
    secureCases(
      () => servers?.nameServer.address ?? '',
      () => {
        const client = clients.get(version);
        if (client === undefined) throw new Error('not started');
        return client;
      },
      account,
      authorizes,
    );
  });
}

interopSuite(
  "Apache's clients on our servers with TLS and access control",
  ['client-4.9.8', 'client-5.5.0'],
  () => {
    secureSuite(['4.9.8', '5.5.0'], ourSecureServers, FRONT, true);
  },
);

interopSuite("Apache's servers 4.9.7 with TLS and access control", ['server-4.9.7', 'client-4.9.8'], () => {
  secureSuite(['4.9.8'], () => officialSecureServers('4.9.7'), FRONT, true);
});

// Its access control has users in place of plain_acl.yml; the one it starts with may do everything.
interopSuite("Apache's servers 5.5.0 with TLS and access control", ['server-5.5.0', 'client-5.5.0'], () => {
  secureSuite(['5.5.0'], () => officialSecureServers('5.5.0'), OPERATOR, false);
});
