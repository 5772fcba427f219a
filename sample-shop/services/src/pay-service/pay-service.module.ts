import { Module, type DynamicModule } from '@nestjs/common';
import { ORDER_RPC } from '@sample-shop/api';
import { serviceModule } from '../common/service/service-module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { PayController } from './pay.controller.ts';
import { PAY_DATABASE } from './pay.database.ts';
import { PaymentCallbacks } from './payment-callbacks.ts';
import { PaymentLogListener } from './payment-log.listener.ts';
import { PaymentTransactions } from './payment-transactions.ts';
import { Payments } from './payments.ts';

@Module({})
export class PayServiceModule {
  static on(settings: ShopSettings): DynamicModule {
    return serviceModule(settings, {
      module: PayServiceModule,
      service: 'pay-service',
      database: PAY_DATABASE,
      calls: [ORDER_RPC],
      controllers: [PayController],
      providers: [Payments, PaymentCallbacks, PaymentTransactions, PaymentLogListener],
    });
  }
}
