import { Module, type DynamicModule } from '@nestjs/common';
import { serviceModule } from '../common/service/service-module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { UserSeed } from '../demo/user.seed.ts';
import { Balance } from './balance.ts';
import { OrderEventsListener } from './order-events.listener.ts';
import { PaymentMadeListener } from './payment-made.listener.ts';
import { UserController } from './user.controller.ts';
import { USER_DATABASE } from './user.database.ts';

@Module({})
export class UserServiceModule {
  static on(settings: ShopSettings): DynamicModule {
    return serviceModule(settings, {
      module: UserServiceModule,
      service: 'user-service',
      database: USER_DATABASE,
      controllers: [UserController],
      providers: [Balance, UserSeed, OrderEventsListener, PaymentMadeListener],
    });
  }
}
