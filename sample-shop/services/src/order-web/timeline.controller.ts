import { Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ORDER_RPC } from '@sample-shop/api';
import type { Id, OrderApi, TimelineEntry } from '@sample-shop/api';
import { ApiAnswers } from '../common/openapi/api-answers.ts';
import { listOf, TIMELINE_ENTRY } from '../common/openapi/schemas.ts';
import { IdPipe } from '../common/http/validation.ts';
import { WebController } from '../common/http/web-controller.ts';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';

@ApiTags('orders')
@WebController('orders')
export class TimelineController {
  constructor(@InjectRpc(ORDER_RPC) private readonly orders: OrderApi) {}

  @Get(':orderId/timeline')
  @ApiOperation({ summary: 'What happened to the messages of an order, oldest first' })
  @ApiAnswers(listOf(TIMELINE_ENTRY), 'REQUEST_PARAMETER_INVALID', 'ORDER_NOT_FOUND')
  timeline(@Param('orderId', IdPipe) orderId: Id): Promise<TimelineEntry[]> {
    return this.orders.timeline({ orderId });
  }
}
