import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt } from 'class-validator';
import { PayStatus } from '../orders/order.ts';
import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';
import { IdField, MoneyField } from '../values/validators.ts';

/** A payment: the columns of `trade_pay`. */
export interface Payment {
  readonly payId: Id;
  readonly orderId: Id;
  readonly payAmount: MoneyText;
  /** 0 no, 1 paying, 2 yes: `PayStatus`. */
  readonly isPaid: number;
}

/** Begins to pay an order: `POST /pay-web/pay/createPayment`. */
export class CreatePayment {
  @IdField({ description: 'What is paid' })
  orderId!: Id;

  @MoneyField({ description: 'What is left to pay of the order' })
  payAmount!: MoneyText;
}

/** What the third party says of a payment: `POST /pay-web/pay/callbackPayment`. It may say so many times. */
export class PaymentCallback {
  @IdField({ description: 'Which payment' })
  payId!: Id;

  @ApiProperty({ description: '0 not paid, 1 paying, 2 paid', enum: Object.values(PayStatus), example: 2 })
  @IsInt()
  @IsIn(Object.values(PayStatus))
  isPaid!: number;
}

/** What a created payment is answered with. */
export interface CreatedPayment {
  readonly payId: Id;
}
