import { Module, type DynamicModule } from '@nestjs/common';
import type { AnyRpcContract } from '@sample-shop/api';
import { rpcToken } from '../rpc/rpc-clients.module.ts';
import { HEALTH_PROBE, HealthController, type HealthProbe } from './health.controller.ts';
import { MetricsController } from './metrics.controller.ts';

/** Health at `health/live` and `health/ready`, metrics at `metrics`, of a front end. */
@Module({})
export class OperationsModule {
  /**
   * @param contract the service behind the front end
   * @param probe how its client, and what is behind it, is asked
   */
  static of<Api>(contract: AnyRpcContract, probe: (client: Api) => ReturnType<HealthProbe>): DynamicModule {
    return {
      module: OperationsModule,
      controllers: [HealthController, MetricsController],
      providers: [
        {
          provide: HEALTH_PROBE,
          inject: [rpcToken(contract)],
          useFactory:
            (client: Api): HealthProbe =>
            () =>
              probe(client).catch((error: Error) => [
                { service: contract.service, up: false, parts: [], message: error.message },
              ]),
        },
      ],
    };
  }
}
