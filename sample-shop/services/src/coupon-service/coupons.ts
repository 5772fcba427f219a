import { Injectable } from '@nestjs/common';
import { ShopError, type Id, type UseCoupon } from '@sample-shop/api';
import { DataSource, type EntityManager } from 'typeorm';
import { CouponDirection, CouponEntity, CouponLogEntity } from './coupon.entities.ts';

/** Uses coupons and frees them, each once for an order. */
@Injectable()
export class Coupons {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Uses a coupon for an order; again for the same order it does nothing more.
   * @throws ShopError `COUPON_NOT_FOUND`, `COUPON_INVALID`; `COUPON_USE_FAILED` when the order was cancelled before
   */
  async use({ orderId, couponId, userId }: UseCoupon): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await this.#lock(manager, couponId))) throw new ShopError('COUPON_NOT_FOUND');
      const log = await manager.findBy(CouponLogEntity, { couponId, orderId });
      if (log.some(({ direction }) => direction === CouponDirection.FREED))
        throw new ShopError('COUPON_USE_FAILED', 'The order was cancelled before its coupon was used');
      if (log.length > 0) return;
      const used = await manager.update(
        CouponEntity,
        { couponId, userId, isUsed: 0 },
        { isUsed: 1, orderId, usedTime: new Date() },
      );
      if (used.affected !== 1) throw new ShopError('COUPON_INVALID');
      await write(manager, couponId, orderId, CouponDirection.USED);
    });
  }

  /** Frees, with a transaction, the coupon that an order used. One that it did not use can't be used by it any more. */
  async free(manager: EntityManager, couponId: Id, orderId: Id): Promise<void> {
    if (!(await this.#lock(manager, couponId))) return;
    const log = await manager.findBy(CouponLogEntity, { couponId, orderId });
    if (log.some(({ direction }) => direction === CouponDirection.FREED)) return;
    if (log.length > 0)
      await manager.update(
        CouponEntity,
        { couponId, orderId, isUsed: 1 },
        { isUsed: 0, orderId: null, usedTime: null },
      );
    await write(manager, couponId, orderId, CouponDirection.FREED);
  }

  /** Whoever uses and whoever frees wait for each other, so that each sees what the other did. */
  #lock(manager: EntityManager, couponId: Id): Promise<CouponEntity | null> {
    return manager.findOne(CouponEntity, { where: { couponId }, lock: { mode: 'pessimistic_write' } });
  }
}

async function write(manager: EntityManager, couponId: Id, orderId: Id, direction: number): Promise<void> {
  await manager.insert(CouponLogEntity, { couponId, orderId, direction, logTime: new Date() });
}
