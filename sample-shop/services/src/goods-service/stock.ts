import { Injectable } from '@nestjs/common';
import { ShopError, type Id, type TakeStock } from '@sample-shop/api';
import { DataSource, type EntityManager } from 'typeorm';
import { GoodsEntity, GoodsNumberLogEntity, StockDirection } from './goods.entities.ts';

/** Takes stock and gives it back, each once for an order. */
@Injectable()
export class Stock {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Takes stock for an order; again for the same order it does nothing more.
   * @throws ShopError `GOODS_NOT_FOUND`, `STOCK_NOT_ENOUGH`, `REDUCE_STOCK_FAILED` when the order was cancelled before
   */
  async take(request: TakeStock): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const { orderId, goodsId, goodsNumber } = request;
      await this.#lock(manager, goodsId);
      const log = await logOf(manager, goodsId, orderId);
      if (log.some(({ direction }) => direction === StockDirection.GIVEN_BACK))
        throw new ShopError('REDUCE_STOCK_FAILED', 'The order was cancelled before its stock was taken');
      if (log.length > 0) return;
      const taken = await manager
        .createQueryBuilder()
        .update(GoodsEntity)
        .set({ goodsNumber: () => 'goods_number - :goodsNumber' })
        .where('goods_id = :goodsId AND goods_number >= :goodsNumber', { goodsId, goodsNumber })
        .execute();
      if (taken.affected !== 1) throw new ShopError('STOCK_NOT_ENOUGH');
      await write(manager, goodsId, orderId, StockDirection.TAKEN, -goodsNumber);
    });
  }

  /**
   * Gives back, with a transaction, what was taken for an order. Nothing taken, nothing given back; what would be taken later
   * is refused then.
   */
  async giveBack(manager: EntityManager, goodsId: Id, orderId: Id): Promise<void> {
    await this.#lock(manager, goodsId);
    const log = await logOf(manager, goodsId, orderId);
    if (log.some(({ direction }) => direction === StockDirection.GIVEN_BACK)) return;
    const taken = -(log.find(({ direction }) => direction === StockDirection.TAKEN)?.goodsNumber ?? 0);
    if (taken > 0) await manager.increment(GoodsEntity, { goodsId }, 'goodsNumber', taken);
    await write(manager, goodsId, orderId, StockDirection.GIVEN_BACK, taken);
  }

  /** Whoever takes and whoever gives back wait for each other, so that each sees what the other did. */
  async #lock(manager: EntityManager, goodsId: Id): Promise<void> {
    const goods = await manager.findOne(GoodsEntity, {
      where: { goodsId },
      lock: { mode: 'pessimistic_write' },
    });
    if (!goods) throw new ShopError('GOODS_NOT_FOUND');
  }
}

function logOf(manager: EntityManager, goodsId: Id, orderId: Id): Promise<GoodsNumberLogEntity[]> {
  return manager.findBy(GoodsNumberLogEntity, { goodsId, orderId });
}

async function write(
  manager: EntityManager,
  goodsId: Id,
  orderId: Id,
  direction: number,
  goodsNumber: number,
): Promise<void> {
  await manager.insert(GoodsNumberLogEntity, {
    goodsId,
    orderId,
    direction,
    goodsNumber,
    logTime: new Date(),
  });
}
