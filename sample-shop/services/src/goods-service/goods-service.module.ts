import { Module, type DynamicModule } from '@nestjs/common';
import { serviceModule } from '../common/service/service-module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { GoodsSeed } from '../demo/goods.seed.ts';
import { GoodsController } from './goods.controller.ts';
import { GOODS_DATABASE } from './goods.database.ts';
import { OrderCancelledListener } from './order-cancelled.listener.ts';
import { Stock } from './stock.ts';

@Module({})
export class GoodsServiceModule {
  static on(settings: ShopSettings): DynamicModule {
    return serviceModule(settings, {
      module: GoodsServiceModule,
      service: 'goods-service',
      database: GOODS_DATABASE,
      controllers: [GoodsController],
      providers: [Stock, GoodsSeed, OrderCancelledListener],
    });
  }
}
