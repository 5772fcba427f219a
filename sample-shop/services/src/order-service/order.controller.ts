import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { isId, ORDER_RPC, ORDER_TOPIC, OrderStatus, ShopError, USER_RPC } from '@sample-shop/api';
import type { Id, Order, OrderApi, PlacedOrder, PlaceOrder, ResendMessage, UserApi } from '@sample-shop/api';
import { Not, Repository } from 'typeorm';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { OrderPlacing } from './order-placing.ts';
import { OrderStates } from './order-states.ts';
import { OrderEntity, toOrder } from './order.entity.ts';

/** How many orders a list has at most. */
const LONGEST_LIST = 100;

@ServiceController()
export class OrderController implements Pick<OrderApi, 'place' | 'list' | 'find' | 'refund' | 'resend'> {
  constructor(
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
    private readonly placing: OrderPlacing,
    private readonly states: OrderStates,
    @InjectRpc(USER_RPC) private readonly users: UserApi,
    @InjectSettings() private readonly settings: ShopSettings,
  ) {}

  @MessagePattern(ORDER_RPC.pattern('place'))
  place(@Payload() request: PlaceOrder): Promise<PlacedOrder> {
    return this.placing.place(request);
  }

  @MessagePattern(ORDER_RPC.pattern('list'))
  async list(@Payload() { userId }: { userId?: Id }): Promise<Order[]> {
    const orders = await this.orders.find({
      where: { orderStatus: Not(OrderStatus.UNCONFIRMED), ...(userId === undefined ? {} : { userId }) },
      order: { orderId: 'DESC' },
      take: LONGEST_LIST,
    });
    return orders.map(toOrder);
  }

  @MessagePattern(ORDER_RPC.pattern('find'))
  async find(@Payload() { orderId }: { orderId: Id }): Promise<Order> {
    const order = await this.orders.findOneBy({ orderId, orderStatus: Not(OrderStatus.UNCONFIRMED) });
    if (!order) throw new ShopError('ORDER_NOT_FOUND');
    return toOrder(order);
  }

  @MessagePattern(ORDER_RPC.pattern('refund'))
  async refund(@Payload() { orderId }: { orderId: Id }): Promise<true> {
    const { orderStatus, userId } = await this.find({ orderId });
    if (orderStatus !== OrderStatus.CANCELLED)
      throw new ShopError('ORDER_INVALID', 'Only a cancelled order is refunded');
    return this.users.refundBalance({ orderId, userId });
  }

  @MessagePattern(ORDER_RPC.pattern('resend'))
  async resend(@Payload() { topic, body }: ResendMessage): Promise<true> {
    if (!this.settings.failureSwitches)
      throw new ShopError('REQUEST_PARAMETER_INVALID', 'This shop runs without failure switches');
    if (topic === undefined || topic === null || topic === '') throw new ShopError('MESSAGE_TOPIC_EMPTY');
    if (body === undefined || body === null || body === '') throw new ShopError('MESSAGE_BODY_EMPTY');
    const { orderId } = body as { orderId?: unknown };
    if (topic !== ORDER_TOPIC || !isId(orderId))
      throw new ShopError(
        'REQUEST_PARAMETER_INVALID',
        `A message of ${ORDER_TOPIC} with an orderId is sent again`,
      );
    await this.states.resend(orderId);
    return true;
  }
}
