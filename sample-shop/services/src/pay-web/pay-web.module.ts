import { Module, type DynamicModule } from '@nestjs/common';
import { PAY_RPC } from '@sample-shop/api';
import { RpcClientsModule } from '../common/rpc/rpc-clients.module.ts';
import { SettingsModule } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { PaymentsController } from './payments.controller.ts';

@Module({})
export class PayWebModule {
  static on(settings: ShopSettings): DynamicModule {
    return {
      module: PayWebModule,
      imports: [SettingsModule.with(settings), RpcClientsModule.to(settings, PAY_RPC)],
      controllers: [PaymentsController],
    };
  }
}
