import { Module, type DynamicModule } from '@nestjs/common';
import { COUPON_RPC, GOODS_RPC, USER_RPC } from '@sample-shop/api';
import { serviceModule } from '../common/service/service-module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { ForgottenOrdersSweep } from './forgotten-orders.sweep.ts';
import { OrderEventsListener } from './order-events.listener.ts';
import { OrderPlacing } from './order-placing.ts';
import { OrderStates } from './order-states.ts';
import { OrderController } from './order.controller.ts';
import { ORDER_DATABASE } from './order.database.ts';
import { PaymentMadeListener } from './payment-made.listener.ts';
import { ShopReadsController } from './shop-reads.controller.ts';
import { TimelineController } from './timeline.controller.ts';

@Module({})
export class OrderServiceModule {
  static on(settings: ShopSettings): DynamicModule {
    return serviceModule(settings, {
      module: OrderServiceModule,
      service: 'order-service',
      database: ORDER_DATABASE,
      calls: [GOODS_RPC, COUPON_RPC, USER_RPC],
      controllers: [OrderController, ShopReadsController, TimelineController],
      providers: [OrderPlacing, OrderStates, OrderEventsListener, PaymentMadeListener, ForgottenOrdersSweep],
    });
  }
}
