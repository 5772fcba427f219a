import { GrpcSetup } from './harness/grpc-setup.ts';
import { grpcCases } from './cases/grpc.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { interopSuite } from './harness/suite.ts';

interopSuite(
  "gRPC clients, through Apache's proxy of 5.5.0, on our NameServer and broker",
  ['proxy-5.5.0', 'grpc-5.2.0'],
  () => {
    const setup = new GrpcSetup(ourNameServer, ourBroker);
    grpcCases(
      () => setup.grpc,
      () => setup.admin,
    );
  },
);
