import type { DynamicModule } from '@nestjs/common';
import type { ServiceName, WebName } from '../common/settings/service-name.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { CouponServiceModule } from '../coupon-service/coupon-service.module.ts';
import { GoodsServiceModule } from '../goods-service/goods-service.module.ts';
import { OrderServiceModule } from '../order-service/order-service.module.ts';
import { OrderWebModule } from '../order-web/order-web.module.ts';
import { PayServiceModule } from '../pay-service/pay-service.module.ts';
import { PayWebModule } from '../pay-web/pay-web.module.ts';
import { UserServiceModule } from '../user-service/user-service.module.ts';

/** A part as a Nest module. */
type PartModule = (settings: ShopSettings) => DynamicModule;

export const SERVICE_MODULES: Record<ServiceName, PartModule> = {
  'goods-service': (settings) => GoodsServiceModule.on(settings),
  'coupon-service': (settings) => CouponServiceModule.on(settings),
  'user-service': (settings) => UserServiceModule.on(settings),
  'order-service': (settings) => OrderServiceModule.on(settings),
  'pay-service': (settings) => PayServiceModule.on(settings),
};

export const WEB_MODULES: Record<WebName, PartModule> = {
  'pay-web': (settings) => PayWebModule.on(settings),
  'order-web': (settings) => OrderWebModule.on(settings),
};
