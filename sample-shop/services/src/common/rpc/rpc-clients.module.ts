import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { ClientTCP } from '@nestjs/microservices';
import type { AnyRpcContract } from '@sample-shop/api';
import type { ServiceName } from '../settings/service-name.ts';
import type { ShopSettings } from '../settings/settings.ts';
import { createRpcClient } from './rpc-client.ts';

const CONNECTIONS = Symbol('RpcConnections');

/** Injects the client of a service's contract. */
export const InjectRpc = (contract: AnyRpcContract): ParameterDecorator => Inject(rpcToken(contract));

/** The clients of the services that a part calls. */
@Global()
@Module({})
export class RpcClientsModule implements OnApplicationShutdown {
  constructor(@Inject(CONNECTIONS) private readonly connections: ClientTCP[]) {}

  static to(settings: ShopSettings, ...contracts: AnyRpcContract[]): DynamicModule {
    const connections: ClientTCP[] = [];
    const clients = contracts.map((contract) => {
      const connection = new ClientTCP({ ...settings.rpc[contract.service as ServiceName] });
      connections.push(connection);
      const client = createRpcClient(connection, contract, {
        timeout: settings.rpcTimeout,
      });
      return { provide: rpcToken(contract), useValue: client };
    });
    return {
      module: RpcClientsModule,
      providers: [...clients, { provide: CONNECTIONS, useValue: connections }],
      exports: clients.map(({ provide }) => provide),
    };
  }

  onApplicationShutdown(): void {
    for (const connection of this.connections) connection.close();
  }
}

/** The injection token of a contract's client. */
export function rpcToken({ service }: AnyRpcContract): string {
  return `rpc:${service}`;
}
