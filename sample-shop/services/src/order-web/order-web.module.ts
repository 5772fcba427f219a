import { Module, type DynamicModule } from '@nestjs/common';
import { ORDER_RPC, type OrderApi } from '@sample-shop/api';
import { OperationsModule } from '../common/operations/operations.module.ts';
import { RpcClientsModule } from '../common/rpc/rpc-clients.module.ts';
import { SettingsModule } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { OrdersController } from './orders.controller.ts';
import { PageModule } from './page.module.ts';
import { ShopController } from './shop.controller.ts';
import { TimelineController } from './timeline.controller.ts';

@Module({})
export class OrderWebModule {
  static on(settings: ShopSettings): DynamicModule {
    return {
      module: OrderWebModule,
      imports: [
        SettingsModule.with(settings),
        RpcClientsModule.to(settings, ORDER_RPC),
        OperationsModule.of<OrderApi>(ORDER_RPC, (orders) => orders.healthOfAll({})),
        PageModule,
      ],
      controllers: [OrdersController, ShopController, TimelineController],
    };
  }
}
