import { Module, type DynamicModule } from '@nestjs/common';
import { serviceModule } from '../common/service/service-module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { CouponSeed } from '../demo/coupon.seed.ts';
import { CouponController } from './coupon.controller.ts';
import { COUPON_DATABASE } from './coupon.database.ts';
import { Coupons } from './coupons.ts';
import { OrderCancelledListener } from './order-cancelled.listener.ts';

@Module({})
export class CouponServiceModule {
  static on(settings: ShopSettings): DynamicModule {
    return serviceModule(settings, {
      module: CouponServiceModule,
      service: 'coupon-service',
      database: COUPON_DATABASE,
      controllers: [CouponController],
      providers: [Coupons, CouponSeed, OrderCancelledListener],
    });
  }
}
