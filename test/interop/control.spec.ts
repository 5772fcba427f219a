import { beforeAll } from '@jest/globals';
import type { Cluster } from './cases/cluster.ts';
import { GRPC_BROKER, grpcCases } from './cases/grpc.ts';
import { javaClientCases } from './cases/java-client.ts';
import { GrpcSetup } from './harness/grpc-setup.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker, officialNameServer } from './harness/official.ts';
import { Resources } from './harness/resources.ts';
import { interopSuite } from './harness/suite.ts';

/** Not part of the run unless asked for: it proves the tables of cases, not our code. */
for (const [server, client] of [
  ['4.9.7', '4.9.8'],
  ['5.5.0', '5.5.0'],
] as const) {
  interopSuite(
    `control: client ${client} on servers ${server}`,
    [`server-${server}`, `client-${client}`],
    () => {
      const resources = new Resources();
      let java: JavaClient;
      let cluster: Cluster;

      beforeAll(async () => {
        java = resources.add(new JavaClient(client), (it) => it.close());
        const nameServer = resources.add(await officialNameServer(server), (it) => it.kill());
        const storePath = resources.directory('store');
        const broker = resources.add(await officialBroker(server, nameServer.address, storePath), (it) =>
          it.kill(),
        );
        await java.registered(nameServer.address, 'broker-a');
        cluster = { nameServer: nameServer.address, brokerAddress: broker.address, brokerName: 'broker-a' };
      });

      javaClientCases(
        () => cluster,
        () => java,
      );
    },
  );
}

interopSuite(
  "control: gRPC clients, through Apache's proxy of 5.5.0, on servers 5.5.0",
  ['proxy-5.5.0', 'grpc-5.2.0', 'server-5.5.0'],
  () => {
    const setup = new GrpcSetup(
      () => officialNameServer('5.5.0'),
      (...rest) => officialBroker('5.5.0', ...rest),
      GRPC_BROKER,
    );
    grpcCases(
      () => setup.grpc,
      () => setup.admin,
    );
  },
);
