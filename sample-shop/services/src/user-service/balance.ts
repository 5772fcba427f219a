import { Injectable } from '@nestjs/common';
import { fullUnits, money, ShopError } from '@sample-shop/api';
import type { ChangeBalance, Id, PaymentRefunded } from '@sample-shop/api';
import { Decimal } from 'decimal.js';
import { DataSource, type EntityManager } from 'typeorm';
import { MoneyLogType, UserEntity, UserMoneyLogEntity } from './user.entities.ts';

/** Takes balance and gives it back, each once for an order. */
@Injectable()
export class Balance {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Takes balance for an order; again for the same order it does nothing more.
   * @throws ShopError `USER_NOT_FOUND`, `BALANCE_NOT_ENOUGH`; `BALANCE_REDUCE_FAILED` when the order was cancelled before
   */
  async take({ orderId, userId, useMoney }: ChangeBalance): Promise<void> {
    const amount = money(useMoney);
    if (amount.lessThanOrEqualTo(0)) throw new ShopError('BALANCE_NEGATIVE');
    await this.dataSource.transaction(async (manager) => {
      await this.#lock(manager, userId);
      const log = await this.#logOf(manager, userId, orderId);
      if (log.has(MoneyLogType.REFUNDED))
        throw new ShopError('BALANCE_REDUCE_FAILED', 'The order was cancelled before its balance was taken');
      if (log.has(MoneyLogType.PAID)) return;
      const taken = await manager
        .createQueryBuilder()
        .update(UserEntity)
        .set({ userMoney: () => 'user_money - :amount' })
        .where('user_id = :userId AND user_money >= :amount', { userId, amount: amount.toFixed(2) })
        .execute();
      if (taken.affected !== 1) throw new ShopError('BALANCE_NOT_ENOUGH');
      await write(manager, userId, orderId, MoneyLogType.PAID, amount);
    });
  }

  /**
   * Gives back, with a transaction, what was taken for an order. Nothing taken, nothing given back; what would be taken later is
   * refused then.
   */
  async giveBack(manager: EntityManager, userId: Id, orderId: Id): Promise<void> {
    await this.#lock(manager, userId);
    const log = await this.#logOf(manager, userId, orderId);
    if (log.has(MoneyLogType.REFUNDED)) return;
    const taken = log.get(MoneyLogType.PAID) ?? money(0);
    if (taken.greaterThan(0)) await add(manager, userId, taken, 0);
    await write(manager, userId, orderId, MoneyLogType.REFUNDED, taken);
  }

  /** As {@link giveBack}, but by hand. @throws ShopError `NOT_PAID` when none was taken, `REFUND_ALREADY_DONE` */
  async refund(userId: Id, orderId: Id): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.#lock(manager, userId);
      const log = await this.#logOf(manager, userId, orderId);
      if (!log.has(MoneyLogType.PAID)) throw new ShopError('NOT_PAID', 'Nothing was paid from the balance');
      if (log.has(MoneyLogType.REFUNDED)) throw new ShopError('REFUND_ALREADY_DONE');
      await this.giveBack(manager, userId, orderId);
    });
  }

  /** Puts, with a transaction, a payment that an order can't have on the balance. It counts for no score then. */
  async refundPayment(manager: EntityManager, refund: PaymentRefunded): Promise<void> {
    const { userId, orderId, payAmount } = refund;
    await this.#lock(manager, userId);
    const log = await this.#logOf(manager, userId, orderId);
    if (log.has(MoneyLogType.PAYMENT_REFUNDED)) return;
    await add(manager, userId, money(payAmount), -fullUnits(payAmount));
    await write(manager, userId, orderId, MoneyLogType.PAYMENT_REFUNDED, money(payAmount));
  }

  /** Whoever takes and whoever gives back wait for each other, so that each sees what the other did. */
  async #lock(manager: EntityManager, userId: Id): Promise<void> {
    const user = await manager.findOne(UserEntity, {
      where: { userId },
      lock: { mode: 'pessimistic_write' },
    });
    if (!user) throw new ShopError('USER_NOT_FOUND');
  }

  async #logOf(manager: EntityManager, userId: Id, orderId: Id): Promise<Map<number, Decimal>> {
    const rows = await manager.findBy(UserMoneyLogEntity, { userId, orderId });
    return new Map(rows.map(({ moneyLogType, useMoney }) => [moneyLogType, useMoney]));
  }
}

/** Adds to the balance and the score of a user. */
async function add(manager: EntityManager, userId: Id, amount: Decimal, score: number): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(UserEntity)
    .set({ userMoney: () => 'user_money + :amount', userScore: () => 'user_score + :score' })
    .where('user_id = :userId', { userId })
    .setParameters({ amount: amount.toFixed(2), score })
    .execute();
}

async function write(
  manager: EntityManager,
  userId: Id,
  orderId: Id,
  moneyLogType: number,
  useMoney: Decimal,
): Promise<void> {
  await manager.insert(UserMoneyLogEntity, {
    userId,
    orderId,
    moneyLogType,
    useMoney,
    createTime: new Date(),
  });
}
