import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CreatePayment, PAY_RPC, PaymentCallback } from '@sample-shop/api';
import type { CreatedPayment, Id, PayApi, Payment } from '@sample-shop/api';
import { ApiAnswers } from '../common/openapi/api-answers.ts';
import { CREATED_PAYMENT, DONE, PAYMENT } from '../common/openapi/schemas.ts';
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
  @ApiAnswers(
    CREATED_PAYMENT,
    'REQUEST_PARAMETER_INVALID',
    'ORDER_AMOUNT_INVALID',
    'ORDER_NOT_FOUND',
    'ORDER_INVALID',
    'ALREADY_PAID',
    'PAYMENT_CREATE_FAILED',
  )
  create(@Body() request: CreatePayment): Promise<CreatedPayment> {
    return this.payments.create(request);
  }

  @Post('pay/callbackPayment')
  @HttpCode(200)
  @ApiOperation({ summary: 'What the third party says of a payment; it may say so many times' })
  @ApiAnswers(DONE, 'REQUEST_PARAMETER_INVALID', 'PAYMENT_NOT_FOUND', 'NOT_PAID', 'SEND_FAILED')
  callback(@Body() callback: PaymentCallback): Promise<true> {
    return this.payments.callback(callback);
  }

  @Get('payments/:payId')
  @ApiOperation({ summary: 'A payment' })
  @ApiAnswers(PAYMENT, 'REQUEST_PARAMETER_INVALID', 'PAYMENT_NOT_FOUND')
  find(@Param('payId', IdPipe) payId: Id): Promise<Payment> {
    return this.payments.find({ payId });
  }
}
