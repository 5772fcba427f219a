import { Module, type DynamicModule } from '@nestjs/common';
import { PAY_RPC, type PayApi } from '@sample-shop/api';
import { OperationsModule } from '../common/operations/operations.module.ts';
import { RpcClientsModule } from '../common/rpc/rpc-clients.module.ts';
import { SettingsModule } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { PaymentsController } from './payments.controller.ts';

@Module({})
export class PayWebModule {
  static on(settings: ShopSettings): DynamicModule {
    return {
      module: PayWebModule,
      imports: [
        SettingsModule.with(settings),
        RpcClientsModule.to(settings, PAY_RPC),
        OperationsModule.of<PayApi>(PAY_RPC, async (payments) => [await payments.health({})]),
      ],
      controllers: [PaymentsController],
    };
  }
}
