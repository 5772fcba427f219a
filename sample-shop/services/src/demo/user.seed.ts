import { randomBytes, scryptSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { money } from '@sample-shop/api';
import { DataSource, type EntityManager } from 'typeorm';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { MoneyLogType, UserEntity, UserMoneyLogEntity } from '../user-service/user.entities.ts';
import { DEMONSTRATION, NO_ORDER } from './demonstration.ts';
import { Seed } from './seed.ts';

/** Users, and log rows that say what they had: the balance is what its log adds up to. */
@Injectable()
export class UserSeed extends Seed {
  constructor(dataSource: DataSource, @InjectSettings() settings: ShopSettings) {
    super(dataSource, settings, UserEntity);
  }

  protected override async write(manager: EntityManager): Promise<void> {
    const now = new Date();
    for (const { userId, userName, userMobile, userMoney } of DEMONSTRATION.users) {
      const balance = money(userMoney);
      await manager.insert(UserEntity, {
        userId,
        userName,
        userMobile,
        userPassword: hashOfNoPassword(),
        userScore: 0,
        userRegTime: now,
        userMoney: balance,
      });
      const row = { userId, orderId: NO_ORDER, moneyLogType: MoneyLogType.INITIAL };
      await manager.insert(UserMoneyLogEntity, { ...row, useMoney: balance, createTime: now });
    }
  }
}

/** The hash of a password that nobody knows: users of a demonstration don't log in. */
function hashOfNoPassword(): string {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('hex')}$${scryptSync(randomBytes(32), salt, 32).toString('hex')}`;
}
