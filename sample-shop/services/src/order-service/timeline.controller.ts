import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ORDER_RPC, ShopError } from '@sample-shop/api';
import type { Id, OrderApi, TimelineEntry } from '@sample-shop/api';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { Timeline } from '../timeline/timeline.ts';
import { OrderEntity } from './order.entity.ts';

@ServiceController()
export class TimelineController implements Pick<OrderApi, 'timeline'> {
  constructor(
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
    private readonly timelines: Timeline,
  ) {}

  @MessagePattern(ORDER_RPC.pattern('timeline'))
  async timeline(@Payload() { orderId }: { orderId: Id }): Promise<TimelineEntry[]> {
    const entries = await this.timelines.of(orderId);
    if (entries.length === 0 && !(await this.orders.existsBy({ orderId })))
      throw new ShopError('ORDER_NOT_FOUND');
    return entries;
  }
}
