import { Injectable } from '@nestjs/common';
import { money } from '@sample-shop/api';
import { DataSource, type EntityManager } from 'typeorm';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { CouponEntity } from '../coupon-service/coupon.entities.ts';
import { DEMONSTRATION } from './demonstration.ts';
import { Seed } from './seed.ts';

/** Unused coupons. */
@Injectable()
export class CouponSeed extends Seed {
  constructor(dataSource: DataSource, @InjectSettings() settings: ShopSettings) {
    super(dataSource, settings, CouponEntity);
  }

  protected override async write(manager: EntityManager): Promise<void> {
    for (const { couponId, userId, couponPrice } of DEMONSTRATION.coupons) {
      const unused = { orderId: null, isUsed: 0, usedTime: null };
      await manager.insert(CouponEntity, { couponId, userId, couponPrice: money(couponPrice), ...unused });
    }
  }
}
