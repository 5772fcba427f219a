import type { CreatedPayment, CreatePayment, Payment, PaymentCallback } from '../payments/payment.ts';
import type { Id } from '../values/ids.ts';
import { CHANGE_OF_MANY, READ, rpcContract } from './contract.ts';
import type { HealthApi } from './health-api.ts';

/** The pay service, as other services see it. */
export interface PayApi extends HealthApi {
  /**
   * Begins to pay an order; an order that is being paid already keeps its payment.
   * @throws ShopError `ORDER_NOT_FOUND`, `ORDER_INVALID` (cancelled), `ALREADY_PAID`, `ORDER_AMOUNT_INVALID`, `PAYMENT_CREATE_FAILED`
   */
  create(request: CreatePayment): Promise<CreatedPayment>;
  /** The third party's word; again it changes nothing. @throws ShopError `PAYMENT_NOT_FOUND`, `NOT_PAID`, `SEND_FAILED` */
  callback(request: PaymentCallback): Promise<true>;
  /** @throws ShopError `PAYMENT_NOT_FOUND` */
  find(request: { payId: Id }): Promise<Payment>;
}

export const PAY_RPC = rpcContract<PayApi>('pay-service', {
  create: CHANGE_OF_MANY,
  callback: CHANGE_OF_MANY,
  find: READ,
  health: READ,
});
