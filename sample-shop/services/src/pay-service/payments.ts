import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IdSource, money, ORDER_RPC, OrderStatus, PayStatus, ShopError } from '@sample-shop/api';
import type { CreatedPayment, CreatePayment, Id, Order, OrderApi } from '@sample-shop/api';
import { Repository } from 'typeorm';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { PaymentEntity } from './pay.entities.ts';

/** Begins payments, and finds them. */
@Injectable()
export class Payments {
  readonly #ids: IdSource;

  constructor(
    @InjectRepository(PaymentEntity) private readonly payments: Repository<PaymentEntity>,
    @InjectRpc(ORDER_RPC) private readonly orders: OrderApi,
    @InjectSettings() settings: ShopSettings,
  ) {
    this.#ids = new IdSource(settings.worker);
  }

  /** @throws ShopError `PAYMENT_NOT_FOUND` */
  async find(payId: Id): Promise<PaymentEntity> {
    const payment = await this.payments.findOneBy({ payId });
    if (!payment) throw new ShopError('PAYMENT_NOT_FOUND');
    return payment;
  }

  /**
   * Begins to pay an order. An order has one payment: who begins again gets the same.
   * @throws ShopError `ORDER_NOT_FOUND`, `ORDER_INVALID`, `ALREADY_PAID`, `ORDER_AMOUNT_INVALID`; `PAYMENT_CREATE_FAILED` when the order
   *   service or the database is away
   */
  async create(request: CreatePayment): Promise<CreatedPayment> {
    try {
      const order = await this.orders.find({ orderId: request.orderId });
      checkOrder(order, request);
      const { payId, isPaid } = await this.#ofOrder(order);
      // The order has not heard of it yet.
      if (isPaid === PayStatus.PAID) throw new ShopError('ALREADY_PAID');
      return { payId };
    } catch (error) {
      if (error instanceof ShopError && error.code !== 'FAIL') throw error;
      throw new ShopError('PAYMENT_CREATE_FAILED', undefined, { cause: error });
    }
  }

  /** Of two that come at once one inserts, and both read that. */
  async #ofOrder({ orderId, userId, payAmount }: Order): Promise<PaymentEntity> {
    const row = { payId: this.#ids.next(), orderId, userId, payAmount: money(payAmount) };
    const insert = this.payments.createQueryBuilder().insert();
    await insert
      .values({ ...row, isPaid: PayStatus.UNPAID })
      .orIgnore()
      .updateEntity(false)
      .execute();
    return this.payments.findOneByOrFail({ orderId });
  }
}

function checkOrder(order: Order, { payAmount }: CreatePayment): void {
  if (order.orderStatus !== OrderStatus.CONFIRMED)
    throw new ShopError('ORDER_INVALID', 'The order is cancelled');
  if (order.payStatus === PayStatus.PAID) throw new ShopError('ALREADY_PAID');
  if (!money(payAmount).equals(order.payAmount))
    throw new ShopError('ORDER_AMOUNT_INVALID', 'Another amount is left to pay of the order');
}
