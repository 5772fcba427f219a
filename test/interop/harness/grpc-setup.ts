import { beforeAll } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import { createTypedTopic, TRANSACTION_TOPICS } from '../cases/grpc.ts';
import { TRANSACTION_TIMES } from '../cases/transactions.ts';
import { GrpcClient } from './grpc-client.ts';
import { officialProxy, type Proxy } from './official.ts';
import { PATIENT } from './patient.ts';
import { Resources } from './resources.ts';
import type { Server, StartBroker } from './server.ts';

/**
 * A NameServer and a broker of either make, Apache's proxy before them, and a gRPC client before that. Create it inside the
 * `describe`: it registers its own `beforeAll` and `afterAll`.
 */
export class GrpcSetup {
  #grpc: GrpcClient | undefined;
  #admin: MQAdmin | undefined;
  #proxy: Proxy | undefined;

  constructor(nameServer: () => Promise<Server>, broker: StartBroker) {
    const resources = new Resources();
    beforeAll(async () => {
      const { address } = resources.add(await nameServer(), (it) => it.kill());
      const properties = { ...TRANSACTION_TIMES, recallMessageEnable: true };
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
