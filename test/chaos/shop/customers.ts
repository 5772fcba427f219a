import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '@sample-shop/api';

const USERS = [
  { userId: '345988230098857984', coupons: ['345988230098857986', '345988230098857987'] },
  { userId: '345988230098857985', coupons: ['345988230098857988', '345988230098857989'] },
] as const;
const GOODS = [
  { goodsId: '345959443973935104', goodsPrice: '129.00', orderAmount: '129.00', shippingFee: '0.00' },
  { goodsId: '345959443973935105', goodsPrice: '45.50', orderAmount: '55.50', shippingFee: '10.00' },
  { goodsId: '345959443973935106', goodsPrice: '1999.90', orderAmount: '1999.90', shippingFee: '0.00' },
] as const;

const LONGEST_REQUEST_MS = 30_000;
const PAUSE_MS = 100;
const PAUSE_AFTER_FAILURE_MS = 500;
/** Some never pay, some pay at once, and some when the time to pay is just over. */
const PAY_AFTER_MS = [undefined, 0, 0, 0, 500, 3_800, 4_000, 4_200] as const;

/** Where the customers are served. */
interface Addresses {
  readonly orderWeb: string;
  readonly payWeb: string;
}

/** People who order and pay, and a third party that takes their money, for as long as nobody stops them. */
export class Customers {
  readonly #shop: Addresses;
  readonly #lanes: number;
  readonly #choose: (count: number) => number;
  #stopped = false;
  #working: Promise<unknown> = Promise.resolve();
  /** Orders that were confirmed to their customer. */
  readonly placed = new Set<string>();
  /** Payments whose callback was answered with success. */
  readonly paid = new Set<string>();
  /** How often each code was answered. */
  readonly codes = new Map<string, number>();

  /** @param choose a random number below another */
  constructor(shop: Addresses, lanes: number, choose: (count: number) => number) {
    this.#shop = shop;
    this.#lanes = lanes;
    this.#choose = choose;
  }

  start(): void {
    this.#working = Promise.all(Array.from({ length: this.#lanes }, () => this.#shopAround()));
  }

  /** What was begun is ended, as far as the shop lets it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #shopAround(): Promise<void> {
    const paying: Promise<void>[] = [];
    while (!this.#stopped) {
      const order = await this.#order();
      if (order) paying.push(this.#pay(order));
      await pause(order ? PAUSE_MS : PAUSE_AFTER_FAILURE_MS);
    }
    await Promise.all(paying);
  }

  async #order(): Promise<Placed | undefined> {
    const user = USERS[this.#choose(USERS.length)] ?? USERS[0];
    const goods = GOODS[this.#choose(GOODS.length)] ?? GOODS[0];
    const answer = await this.#post<Placed>(`${this.#shop.orderWeb}/order/confirm`, {
      ...goods,
      userId: user.userId,
      goodsNumber: 1,
      address: 'x',
      consignee: 'x',
      couponId: user.coupons[this.#choose(6)] ?? null,
      moneyPaid: this.#choose(3) === 0 ? '5.55' : '0.00',
    });
    if (!answer?.success || !answer.data) return undefined;
    this.placed.add(answer.data.orderId);
    return answer.data;
  }

  async #pay({ orderId, payAmount }: Placed): Promise<void> {
    const after = PAY_AFTER_MS[this.#choose(PAY_AFTER_MS.length)];
    if (after === undefined || Number(payAmount) === 0) return;
    const begun = await this.#insist<{ payId: string }>(`${this.#shop.payWeb}/pay/createPayment`, {
      orderId,
      payAmount,
    });
    const payId = begun?.data?.payId;
    if (payId === undefined) return;
    await pause(after);
    // The third party says it more often than needed, and until it is answered.
    const said = Array.from({ length: 1 + this.#choose(3) }, () =>
      this.#insist(`${this.#shop.payWeb}/pay/callbackPayment`, { payId, isPaid: 2 }),
    );
    if ((await Promise.all(said)).some((answer) => answer?.success)) this.paid.add(payId);
  }

  /** Asks until the shop has an answer that is not its own failure. */
  async #insist<T>(url: string, body: unknown): Promise<Answer<T> | undefined> {
    for (let tries = 0; tries < 100; tries++) {
      const answer = await this.#post<T>(url, body);
      if (answer && (answer.success || this.#isFinal(answer))) return answer;
      await pause(PAUSE_AFTER_FAILURE_MS);
    }
    return undefined;
  }

  #isFinal({ code }: Answer): boolean {
    return !['FAIL', 'PAYMENT_CREATE_FAILED', 'SEND_FAILED'].includes(code);
  }

  /** @returns undefined when there was no answer */
  async #post<T>(url: string, body: unknown): Promise<Answer<T> | undefined> {
    let code = 'no answer';
    try {
      const signal = AbortSignal.timeout(LONGEST_REQUEST_MS);
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      const answer = (await response.json()) as Answer<T>;
      ({ code } = answer);
      return answer;
    } catch {
      return undefined;
    } finally {
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    }
  }
}

interface Placed {
  readonly orderId: string;
  readonly payAmount: string;
}
