import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CreatePayment, PAY_RPC, PaymentCallback } from '@sample-shop/api';
import type { CreatedPayment, Id, PayApi, Payment } from '@sample-shop/api';
import { IdPipe } from '../common/http/validation.ts';
import { WebController } from '../common/http/web-controller.ts';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';

@ApiTags('payments')
@WebController()
export class PaymentsController {
  constructor(@InjectRpc(PAY_RPC) private readonly payments: PayApi) {}

  @Post('pay/createPayment')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins to pay an order; again, it is the same payment' })
  create(@Body() request: CreatePayment): Promise<CreatedPayment> {
    return this.payments.create(request);
  }

  @Post('pay/callbackPayment')
  @HttpCode(200)
  @ApiOperation({ summary: 'What the third party says of a payment; it may say so many times' })
  callback(@Body() callback: PaymentCallback): Promise<true> {
    return this.payments.callback(callback);
  }

  @Get('payments/:payId')
  @ApiOperation({ summary: 'A payment' })
  find(@Param('payId', IdPipe) payId: Id): Promise<Payment> {
    return this.payments.find({ payId });
  }
}
