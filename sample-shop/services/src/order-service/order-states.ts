import { Injectable } from '@nestjs/common';
import { Outbox } from '@nest-rocketmq/consumer-log';
import { OrderStatus, PayStatus, ShopError } from '@sample-shop/api';
import type { Id, PaymentMade, ShopEvents } from '@sample-shop/api';
import { DataSource, In, LessThan, Not, type EntityManager } from 'typeorm';
import { FAIL_SENDS } from '../common/messaging/failing-transport.ts';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { OrderEntity } from './order.entity.ts';

/** How many orders a look for forgotten ones finds at most. */
const SWEPT_AT_ONCE = 100;

/**
 * The ways of an order from one state to another. Each is one conditional update, so that of two that come at the same time one
 * wins; what others have to hear of it is in the outbox with the same transaction.
 */
@Injectable()
export class OrderStates {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox<ShopEvents>,
    @InjectSettings() private readonly settings: ShopSettings,
  ) {}

  /**
   * Confirms an order. One with nothing left to pay is paid; any other has so long to be paid.
   * @param beforeCommit called when everything is written
   * @throws ShopError `ORDER_CONFIRM_FAILED` when it was cancelled meanwhile
   */
  async confirm(order: OrderEntity, beforeCommit: () => void = () => {}): Promise<void> {
    const { orderId, userId } = order;
    const now = new Date();
    const nothingToPay = order.payAmount.isZero();
    await this.dataSource.transaction(async (manager) => {
      const confirmed = await manager.update(
        OrderEntity,
        { orderId, orderStatus: OrderStatus.UNCONFIRMED },
        {
          orderStatus: OrderStatus.CONFIRMED,
          confirmTime: now,
          ...(nothingToPay ? { payStatus: PayStatus.PAID, payTime: now } : {}),
        },
      );
      if (confirmed.affected !== 1)
        throw new ShopError('ORDER_CONFIRM_FAILED', 'The order took too long, and was cancelled');
      const payAmount = order.payAmount.toFixed(2);
      const keys = { keys: orderId };
      await this.outbox.send(manager, 'orderTopic:order_confirm', { orderId, userId, payAmount }, keys);
      if (!nothingToPay) {
        const delay = this.settings.unpaidTimeout;
        await this.outbox.send(manager, 'orderTopic:order_unpaid', { orderId }, { ...keys, delay });
      }
      beforeCommit();
    });
  }

  /**
   * Cancels an order that was not confirmed.
   * @param failSends how often sending the message of it shall fail: a failure switch
   * @returns whether this was what cancelled it
   */
  cancelUnconfirmed(orderId: Id, failSends = 0): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const cancelled = await manager.update(
        OrderEntity,
        { orderId, orderStatus: OrderStatus.UNCONFIRMED },
        { orderStatus: OrderStatus.CANCELLED },
      );
      if (cancelled.affected !== 1) return false;
      await this.#sendCancel(manager, orderId, failSends);
      return true;
    });
  }

  /** Cancels, with a transaction, a confirmed order that is not paid. */
  async cancelUnpaid(manager: EntityManager, orderId: Id): Promise<void> {
    const cancelled = await manager.update(
      OrderEntity,
      { orderId, orderStatus: OrderStatus.CONFIRMED, payStatus: Not(PayStatus.PAID) },
      { orderStatus: OrderStatus.CANCELLED },
    );
    if (cancelled.affected === 1) await this.#sendCancel(manager, orderId, 0);
  }

  /**
   * Applies, with a transaction, a payment: the order is paid; or, where it was cancelled or paid otherwise meanwhile, the money goes
   * to the user's balance.
   * @throws ShopError `ORDER_NOT_FOUND`, `ORDER_INVALID` when it is not confirmed yet
   */
  async pay(manager: EntityManager, { payId, orderId, payAmount }: PaymentMade): Promise<void> {
    const unpaid = In([PayStatus.UNPAID, PayStatus.PAYING]);
    const paid = await manager.update(
      OrderEntity,
      { orderId, orderStatus: OrderStatus.CONFIRMED, payStatus: unpaid },
      { payStatus: PayStatus.PAID, payTime: new Date() },
    );
    if (paid.affected === 1) return;
    const order = await manager.findOneBy(OrderEntity, { orderId });
    if (!order) throw new ShopError('ORDER_NOT_FOUND');
    if (order.orderStatus === OrderStatus.UNCONFIRMED) throw new ShopError('ORDER_INVALID');
    const refund = { orderId, payId, userId: order.userId, payAmount };
    await this.outbox.send(manager, 'orderTopic:order_refund', refund, { keys: payId });
  }

  /** Ids of orders that nobody confirmed or cancelled: whoever placed them died. */
  async forgotten(before: Date): Promise<Id[]> {
    const orders = await this.dataSource.manager.find(OrderEntity, {
      select: { orderId: true },
      where: { orderStatus: OrderStatus.UNCONFIRMED, addTime: LessThan(before) },
      take: SWEPT_AT_ONCE,
    });
    return orders.map(({ orderId }) => orderId);
  }

  /** Sends the last message of an order again. @throws ShopError `ORDER_NOT_FOUND` */
  async resend(orderId: Id): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const order = await manager.findOneBy(OrderEntity, { orderId });
      if (!order || order.orderStatus === OrderStatus.UNCONFIRMED) throw new ShopError('ORDER_NOT_FOUND');
      if (order.orderStatus === OrderStatus.CANCELLED) return this.#sendCancel(manager, orderId, 0);
      const { userId, payAmount } = order;
      const confirmed = { orderId, userId, payAmount: payAmount.toFixed(2) };
      await this.outbox.send(manager, 'orderTopic:order_confirm', confirmed, { keys: orderId });
    });
  }

  async #sendCancel(manager: EntityManager, orderId: Id, failSends: number): Promise<void> {
    const order = await manager.findOneByOrFail(OrderEntity, { orderId });
    const { goodsId, goodsNumber, userId, couponId, moneyPaid } = order;
    const cancelled = { orderId, goodsId, goodsNumber, userId, couponId, moneyPaid: moneyPaid.toFixed(2) };
    await this.outbox.send(manager, 'orderTopic:order_cancel', cancelled, {
      keys: orderId,
      ...(failSends > 0 ? { headers: { [FAIL_SENDS]: String(failSends) } } : {}),
    });
  }
}
