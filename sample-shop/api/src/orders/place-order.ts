import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';
import { IdField, LineField, MoneyField } from '../values/validators.ts';
import { FAIL_AT, type FailAt } from './order.ts';

const LARGEST_QUANTITY = 1_000_000;

/** An order as a customer places it: `POST /order-web/order/confirm`. */
export class PlaceOrder {
  @IdField({ description: 'Who orders' })
  userId!: Id;

  @IdField({ description: 'What is ordered' })
  goodsId!: Id;

  @ApiProperty({ description: 'How many', minimum: 1, maximum: LARGEST_QUANTITY, example: 1 })
  @IsInt()
  @Min(1)
  @Max(LARGEST_QUANTITY)
  goodsNumber!: number;

  @MoneyField({ description: 'The price of one, as the customer saw it' })
  goodsPrice!: MoneyText;

  @MoneyField({ description: '0 where the goods come to 100.00 or more, else 10.00', example: '0.00' })
  shippingFee!: MoneyText;

  @MoneyField({ description: 'Price x quantity + shipping' })
  orderAmount!: MoneyText;

  @IdField({ description: 'A coupon of the user', optional: true })
  couponId?: Id | null;

  @MoneyField({ description: 'How much of the balance is used', example: '100.00', optional: true })
  moneyPaid?: MoneyText | null;

  @LineField({ description: 'Where it goes', example: '1 Main Street, Springfield', length: 255 })
  address!: string;

  @LineField({ description: 'Who gets it', example: 'Ada Lovelace', length: 100 })
  consignee!: string;

  @ApiPropertyOptional({
    description: 'The step that shall fail; only where failure switches are on',
    enum: FAIL_AT,
  })
  @IsOptional()
  @IsIn(FAIL_AT)
  failAt?: FailAt | null;
}
