import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { ORDER_RPC, PlaceOrder, ResendMessage } from '@sample-shop/api';
import type { Id, Order, OrderApi, PlacedOrder } from '@sample-shop/api';
import { IdPipe, OptionalIdPipe } from '../common/http/validation.ts';
import { WebController } from '../common/http/web-controller.ts';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';

@ApiTags('orders')
@WebController()
export class OrdersController {
  constructor(@InjectRpc(ORDER_RPC) private readonly orders: OrderApi) {}

  @Post('order/confirm')
  @HttpCode(200)
  @ApiOperation({ summary: 'Places an order' })
  place(@Body() order: PlaceOrder): Promise<PlacedOrder> {
    return this.orders.place(order);
  }

  @Get('orders')
  @ApiOperation({ summary: 'The latest orders, of a user or of all' })
  @ApiQuery({ name: 'userId', required: false })
  list(@Query('userId', OptionalIdPipe) userId?: Id): Promise<Order[]> {
    return this.orders.list({ userId });
  }

  @Get('orders/:orderId')
  @ApiOperation({ summary: 'An order' })
  find(@Param('orderId', IdPipe) orderId: Id): Promise<Order> {
    return this.orders.find({ orderId });
  }

  @Post('orders/:orderId/refund')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives the balance of a cancelled order back, where that was not done yet' })
  refund(@Param('orderId', IdPipe) orderId: Id): Promise<true> {
    return this.orders.refund({ orderId });
  }

  @Post('messages')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends the last message of an order again; only where failure switches are on' })
  resend(@Body() message: ResendMessage): Promise<true> {
    return this.orders.resend(message);
  }
}
