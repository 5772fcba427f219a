import { Module, type DynamicModule } from '@nestjs/common';
import { RocketMQModule, type RocketMQModuleOptions } from 'nest-rocketmq';
import { Customers } from './customers.ts';
import { Journal } from './journal.ts';
import { OrderService } from './order.service.ts';
import { StockListener } from './stock.listener.ts';

@Module({ providers: [OrderService, StockListener, Customers, Journal] })
export class AppModule {
  /** The application on a cluster: `{ embedded: true }`, or `{ nameServer: 'host:9876' }`. */
  static on(rocketmq: RocketMQModuleOptions): DynamicModule {
    return { module: AppModule, imports: [RocketMQModule.forRoot(rocketmq)] };
  }
}
