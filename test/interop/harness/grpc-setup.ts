import { beforeAll } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import { GrpcClient } from './grpc-client.ts';
import { officialProxy, type Proxy } from './official.ts';
import { PATIENT } from './patient.ts';
import { Resources } from './resources.ts';
import type { BrokerProperties, Server, StartBroker } from './server.ts';
import { until } from './until.ts';

/** What a topic of 5.x is made for; the proxy takes nothing else into it. */
export type TopicType = 'NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION';

/** The proxy asks about a transaction whom has named its topic at the start: one for each try. */
export const TRANSACTION_TOPICS = ['transactions-0', 'transactions-1'];

/** Creates a topic of 4 queues and waits until it has a route. */
export async function createTypedTopic(admin: MQAdmin, topic: string, type: TopicType): Promise<void> {
  const spec = { topic, readQueueNums: 4, writeQueueNums: 4, attributes: { 'message.type': type } };
  await until(`${topic} is there`, () => admin.createTopic(spec).then(() => true));
  await until(`${topic} has its queues`, async () => (await admin.topicQueues(topic)).length === 4);
}

/**
 * A NameServer and a broker of either make, Apache's proxy before them, and a gRPC client before that. Create it inside the
 * `describe`: it registers its own `beforeAll` and `afterAll`.
 */
export class GrpcSetup {
  #grpc: GrpcClient | undefined;
  #admin: MQAdmin | undefined;
  #proxy: Proxy | undefined;

  constructor(nameServer: () => Promise<Server>, broker: StartBroker, properties: BrokerProperties) {
    const resources = new Resources();
    beforeAll(async () => {
      const { address } = resources.add(await nameServer(), (it) => it.kill());
      resources.add(await broker(address, resources.directory('store'), properties), (it) => it.kill());
      this.#admin = resources.add(new MQAdmin({ nameServer: address, ...PATIENT }), (it) => it.shutdown());
      await this.#admin.start();
      for (const topic of TRANSACTION_TOPICS) await createTypedTopic(this.#admin, topic, 'TRANSACTION');
      this.#proxy = resources.add(await officialProxy(address), (it) => it.kill());
      this.#grpc = resources.add(new GrpcClient(this.#proxy.address, TRANSACTION_TOPICS), (it) => it.close());
    });
  }

  get grpc(): GrpcClient {
    return started(this.#grpc);
  }

  get admin(): MQAdmin {
    return started(this.#admin);
  }

  get proxy(): Proxy {
    return started(this.#proxy);
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the set-up has not come so far');
  return part;
}
