import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import {
  COUPON_RPC,
  GOODS_RPC,
  IdSource,
  OrderStatus,
  PayStatus,
  ShippingStatus,
  ShopError,
  USER_RPC,
} from '@sample-shop/api';
import type {
  AnswerCode,
  CouponApi,
  FailAt,
  GoodsApi,
  PlacedOrder,
  PlaceOrder,
  UserApi,
} from '@sample-shop/api';
import { Repository } from 'typeorm';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { checkCoupon, checkGoods, orderAmounts, type OrderAmounts } from './order-amounts.ts';
import { OrderStates } from './order-states.ts';
import { OrderEntity } from './order.entity.ts';
import { Slots } from './slots.ts';

/** How often the message of a cancel is not sent, where the failure switch `send` is used. */
const FAILED_SENDS = 1;

/** Places orders: check, save unconfirmed, take from everybody, confirm. What fails on the way is given back by messages. */
@Injectable()
export class OrderPlacing {
  readonly #logger = new Logger('order-service');
  readonly #ids: IdSource;
  readonly #slots: Slots;

  constructor(
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
    private readonly states: OrderStates,
    @InjectRpc(GOODS_RPC) private readonly goods: GoodsApi,
    @InjectRpc(COUPON_RPC) private readonly coupons: CouponApi,
    @InjectRpc(USER_RPC) private readonly users: UserApi,
    @InjectSettings() private readonly settings: ShopSettings,
  ) {
    this.#ids = new IdSource(settings.worker);
    this.#slots = new Slots(settings.concurrentOrders);
  }

  /**
   * Places an order. In a rush it waits for its turn: many that wait for the same rows would only time out.
   * @throws ShopError with the code of what is wrong, or of the step that failed; `data.orderId` where there is an order by then
   */
  async place(request: PlaceOrder): Promise<PlacedOrder> {
    if (request.failAt && !this.settings.failureSwitches)
      throw new ShopError('REQUEST_PARAMETER_INVALID', 'failAt: this shop runs without failure switches');
    return this.#slots.run(() => this.#place(request));
  }

  async #place(request: PlaceOrder): Promise<PlacedOrder> {
    const amounts = await this.#check(request);
    const order = await this.#save(request, amounts);
    const { orderId } = order;
    const placed = { orderId, payAmount: order.payAmount.toFixed(2) };
    try {
      await this.#take(order, request.failAt);
      await this.#confirm(order, request.failAt);
    } catch (error) {
      if (await this.#wasConfirmed(order, request.failAt)) return placed;
      const { code, message } = error as ShopError;
      throw new ShopError(code, message, { cause: error, data: { orderId } });
    }
    return placed;
  }

  async #check(request: PlaceOrder): Promise<OrderAmounts> {
    const { goodsId, userId, couponId } = request;
    const [goods, user] = await Promise.all([this.goods.find({ goodsId }), this.users.find({ userId })]);
    checkGoods(request, goods);
    const coupon = couponId ? await this.coupons.find({ couponId }) : undefined;
    const amounts = orderAmounts(request, goods, user, coupon);
    if (coupon) checkCoupon(request, coupon);
    return amounts;
  }

  async #save(request: PlaceOrder, amounts: OrderAmounts): Promise<OrderEntity> {
    const { userId, goodsId, goodsNumber, address, consignee } = request;
    const order = this.orders.create({
      orderId: this.#ids.next(),
      userId,
      orderStatus: OrderStatus.UNCONFIRMED,
      payStatus: PayStatus.UNPAID,
      shippingStatus: ShippingStatus.UNSHIPPED,
      address,
      consignee,
      goodsId,
      goodsNumber,
      couponId: request.couponId ?? null,
      ...amounts,
      addTime: new Date(),
      confirmTime: null,
      payTime: null,
    });
    await step('ORDER_SAVE_FAILED', false, () => this.orders.insert(order));
    return order;
  }

  async #take(order: OrderEntity, failAt: FailAt | null | undefined): Promise<void> {
    const { orderId, goodsId, goodsNumber, couponId, userId, moneyPaid } = order;
    await step('REDUCE_STOCK_FAILED', failAt === 'stock', () =>
      this.goods.take({ orderId, goodsId, goodsNumber }),
    );
    await step('COUPON_USE_FAILED', failAt === 'coupon', async () => {
      if (couponId !== null) await this.coupons.use({ orderId, couponId, userId });
    });
    await step('BALANCE_REDUCE_FAILED', failAt === 'balance', async () => {
      if (moneyPaid.greaterThan(0))
        await this.users.takeBalance({ orderId, userId, useMoney: moneyPaid.toFixed(2) });
    });
  }

  async #confirm(order: OrderEntity, failAt: FailAt | null | undefined): Promise<void> {
    await step('ORDER_CONFIRM_FAILED', failAt === 'confirm', () =>
      this.states.confirm(order, () => {
        if (failAt === 'send')
          throw new ShopError('SEND_FAILED', 'A failure switch keeps messages from being sent');
      }),
    );
  }

  /**
   * Cancels an order that failed. It may be confirmed all the same: when only the answer of the database was lost. When it can't be
   * cancelled now the sweep does it later.
   */
  async #wasConfirmed({ orderId }: OrderEntity, failAt: FailAt | null | undefined): Promise<boolean> {
    try {
      if (await this.states.cancelUnconfirmed(orderId, failAt === 'send' ? FAILED_SENDS : 0)) return false;
      const found = await this.orders.findOneBy({ orderId });
      return found?.orderStatus === OrderStatus.CONFIRMED;
    } catch (error) {
      this.#logger.warn(`Order ${orderId} is cancelled later, not now: ${(error as Error).message}`);
      return false;
    }
  }
}

/** Does a step of an order. What another service says of it stands; anything else has the code of the step. */
async function step(code: AnswerCode, fails: boolean, work: () => Promise<unknown>): Promise<void> {
  if (fails) throw new ShopError(code, 'A failure switch makes this step fail');
  try {
    await work();
  } catch (error) {
    if (error instanceof ShopError && error.code !== 'FAIL') throw error;
    throw new ShopError(code, undefined, { cause: error });
  }
}
