import { Injectable } from '@nestjs/common';
import { RocketMQTemplate } from 'nest-rocketmq';
import { Journal } from './journal.ts';
import type { Order, ShopEvents } from './order.ts';

/** Sends a message for each order. */
@Injectable()
export class OrderService {
  constructor(
    private readonly rocketmq: RocketMQTemplate<ShopEvents>,
    private readonly journal: Journal,
  ) {}

  async place(order: Order): Promise<void> {
    const sent = await this.rocketmq.send('order:created', order, {
      keys: order.id, // to find the message by
      hashKey: order.customer, // the orders of one customer go to one queue
    });
    this.journal.sent(order, sent);
  }
}
