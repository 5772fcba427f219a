import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { ORDER_RPC, PlaceOrder, ResendMessage } from '@sample-shop/api';
import type { Id, Order, OrderApi, PlacedOrder } from '@sample-shop/api';
import { ApiAnswers } from '../common/openapi/api-answers.ts';
import { DONE, listOf, ORDER, PLACED_ORDER } from '../common/openapi/schemas.ts';
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
  @ApiAnswers(
    PLACED_ORDER,
    'REQUEST_PARAMETER_INVALID',
    'GOODS_PRICE_INVALID',
    'SHIPPING_FEE_INVALID',
    'ORDER_AMOUNT_INVALID',
    'BALANCE_NEGATIVE',
    'GOODS_NOT_FOUND',
    'USER_NOT_FOUND',
    'COUPON_NOT_FOUND',
    'STOCK_NOT_ENOUGH',
    'COUPON_INVALID',
    'BALANCE_NOT_ENOUGH',
    'ORDER_SAVE_FAILED',
    'REDUCE_STOCK_FAILED',
    'COUPON_USE_FAILED',
    'BALANCE_REDUCE_FAILED',
    'ORDER_CONFIRM_FAILED',
    'SEND_FAILED',
  )
  place(@Body() order: PlaceOrder): Promise<PlacedOrder> {
    return this.orders.place(order);
  }

  @Get('orders')
  @ApiOperation({ summary: 'The latest orders, of a user or of all' })
  @ApiAnswers(listOf(ORDER), 'REQUEST_PARAMETER_INVALID')
  @ApiQuery({ name: 'userId', required: false })
  list(@Query('userId', OptionalIdPipe) userId?: Id): Promise<Order[]> {
    return this.orders.list({ userId });
  }

  @Get('orders/:orderId')
  @ApiOperation({ summary: 'An order' })
  @ApiAnswers(ORDER, 'REQUEST_PARAMETER_INVALID', 'ORDER_NOT_FOUND')
  find(@Param('orderId', IdPipe) orderId: Id): Promise<Order> {
    return this.orders.find({ orderId });
  }

  @Post('orders/:orderId/refund')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives the balance of a cancelled order back, where that was not done yet' })
  @ApiAnswers(
    DONE,
    'REQUEST_PARAMETER_INVALID',
    'ORDER_NOT_FOUND',
    'ORDER_INVALID',
    'NOT_PAID',
    'REFUND_ALREADY_DONE',
  )
  refund(@Param('orderId', IdPipe) orderId: Id): Promise<true> {
    return this.orders.refund({ orderId });
  }

  @Post('messages')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends the last message of an order again; only where failure switches are on' })
  @ApiAnswers(
    DONE,
    'REQUEST_PARAMETER_INVALID',
    'MESSAGE_TOPIC_EMPTY',
    'MESSAGE_BODY_EMPTY',
    'ORDER_NOT_FOUND',
  )
  resend(@Body() message: ResendMessage): Promise<true> {
    return this.orders.resend(message);
  }
}
