import { Injectable } from '@nestjs/common';
import { money } from '@sample-shop/api';
import { DataSource, type EntityManager } from 'typeorm';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { GoodsEntity, GoodsNumberLogEntity, StockDirection } from '../goods-service/goods.entities.ts';
import { DEMONSTRATION, NO_ORDER } from './demonstration.ts';
import { Seed } from './seed.ts';

/** Goods, and log rows that say how many there were: the stock is what its log adds up to. */
@Injectable()
export class GoodsSeed extends Seed {
  constructor(dataSource: DataSource, @InjectSettings() settings: ShopSettings) {
    super(dataSource, settings, GoodsEntity);
  }

  protected override async write(manager: EntityManager): Promise<void> {
    const addTime = new Date();
    for (const goods of DEMONSTRATION.goods) {
      const { goodsId, goodsNumber } = goods;
      await manager.insert(GoodsEntity, { ...goods, goodsPrice: money(goods.goodsPrice), addTime });
      const row = { goodsId, orderId: NO_ORDER, direction: StockDirection.INITIAL, goodsNumber };
      await manager.insert(GoodsNumberLogEntity, { ...row, logTime: addTime });
    }
  }
}
