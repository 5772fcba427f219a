import { expect, it } from '@jest/globals';
import { DefaultMQProducer } from '@nest-rocketmq/client';
import { GRPC_BROKER, grpcCases } from './cases/grpc.ts';
import { createTypedTopic, GrpcSetup } from './harness/grpc-setup.ts';
import { OurConsumer } from './harness/our-consumer.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { PATIENT_SENDER } from './harness/patient.ts';
import { interopSuite } from './harness/suite.ts';

interopSuite(
  "clients through Apache's proxy of 5.5.0 on our NameServer and broker",
  ['proxy-5.5.0', 'grpc-5.2.0'],
  () => {
    const setup = new GrpcSetup(ourNameServer, ourBroker, GRPC_BROKER);
    grpcCases(
      () => setup.grpc,
      () => setup.admin,
    );

    it('our client on its remoting port: in order, also when a message fails', async () => {
      const topic = 'remoting';
      await createTypedTopic(setup.admin, topic, 'NORMAL');
      const nameServer = setup.proxy.remotingAddress;
      const producer = new DefaultMQProducer({ nameServer, group: 'remoting-producer', ...PATIENT_SENDER });
      await producer.start();
      const options = { nameServer, topic, group: 'remoting-group', orderly: true, failures: 1 };
      const consumer = await OurConsumer.start(options);
      try {
        const [queue] = await producer.fetchPublishMessageQueues(topic);
        for (const tags of ['0', '1', 'fail', '3'])
          await producer.send({ topic, tags, body: Buffer.from(tags) }, queue && { queue });
        const seen = await consumer.received(5);
        expect(seen.map(({ tags }) => tags)).toEqual(['0', '1', 'fail', 'fail', '3']);
      } finally {
        await consumer.stop();
        await producer.shutdown();
      }
    });
  },
);
