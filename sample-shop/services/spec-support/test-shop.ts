import { TestCluster } from '@nest-rocketmq/testing';
import type { Answer, Order, PlaceOrder, UserDetail } from '@sample-shop/api';
import { ORDER_TOPIC, PAY_TOPIC } from '@sample-shop/api';
import type { DatabaseKind, TestDatabase } from '../../../libs/consumer-log/spec-support/databases.ts';
import { checkBooks } from '../src/books/check-books.ts';
import { readBooks } from '../src/books/read-books.ts';
import { readSettings, type ShopSettings } from '../src/common/settings/settings.ts';
import { Shop } from '../src/main/shop.ts';

/** An answer and its HTTP status. */
export interface Answered<T> extends Answer<T> {
  readonly status: number;
}

const POLL_MS = 50;
const PATIENCE_MS = 20_000;

export const ADA = '345988230098857984';
export const GRACE = '345988230098857985';
export const KEYBOARD = '345959443973935104';
export const LAMP = '345959443973935105';
export const TELESCOPE = '345959443973935106';
/** Of Ada: 20.00 and 50.00. */
export const COUPONS = ['345988230098857986', '345988230098857987'] as const;
/** Of Grace: 20.00. */
export const COUPON_OF_GRACE = '345988230098857988';

/** A valid order of Ada: a keyboard for 129.00. */
export const ORDER = {
  userId: ADA,
  goodsId: KEYBOARD,
  goodsNumber: 1,
  goodsPrice: '129.00',
  shippingFee: '0.00',
  orderAmount: '129.00',
  address: '1 Main Street, Springfield',
  consignee: 'Ada Lovelace',
} as const satisfies PlaceOrder;

/** The whole shop, with demonstration data and failure switches, on a database and a broker whose time can be moved ahead. */
export class TestShop {
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
  #shop: Shop;

  private constructor(cluster: TestCluster, database: TestDatabase, shop: Shop) {
    this.cluster = cluster;
    this.database = database;
    this.#shop = shop;
  }

  static async start(kind: DatabaseKind, more: Partial<ShopSettings> = {}): Promise<TestShop> {
    const [cluster, database] = await Promise.all([
      TestCluster.start({ topics: [ORDER_TOPIC, PAY_TOPIC] }),
      kind.start(),
    ]);
    const settings = {
      ...readSettings({}),
      databaseUrl: database.url,
      nameServer: cluster.nameServer,
      orderWebPort: 0,
      payWebPort: 0,
      databaseConnections: 4,
      // Specs look for forgotten orders themselves.
      sweepInterval: 3_600_000,
      demonstration: true,
      failureSwitches: true,
      ...more,
    };
    try {
      return new TestShop(cluster, database, await Shop.start(settings, false));
    } catch (error) {
      await database.close();
      await cluster.stop();
      throw error;
    }
  }

  get shop(): Shop {
    return this.#shop;
  }

  /** Closes the shop, and opens it again on the same database and broker. */
  async restart(more: Partial<ShopSettings> = {}): Promise<void> {
    const { settings } = this.#shop;
    await this.#shop.close();
    this.#shop = await Shop.start({ ...settings, ...more, orderWebPort: 0, payWebPort: 0 }, false);
  }

  /** A provider of a service. */
  get<T>(part: Parameters<Shop['part']>[0], token: new (...args: never[]) => T): T {
    return this.#shop.part(part).app.get<T>(token, { strict: false });
  }

  async request<T = unknown>(method: string, path: string, body?: unknown): Promise<Answered<T>> {
    const base = path.startsWith('/pay-web') ? this.#shop.payUrl : this.#shop.url;
    const response = await fetch(base + path, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json' },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
    });
    const answer = (await response.json()) as Answer<T>;
    return { ...answer, status: response.status };
  }

  place(order: object): Promise<Answered<{ orderId: string; payAmount: string }>> {
    return this.request('POST', '/order-web/order/confirm', order);
  }

  /** Places an order that has to succeed. @returns its id */
  async placed(order: object): Promise<{ orderId: string; payAmount: string }> {
    const answer = await this.place(order);
    if (!answer.success || !answer.data) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.data;
  }

  async order(orderId: string): Promise<Order | undefined> {
    return (await this.request<Order>('GET', `/order-web/orders/${orderId}`)).data;
  }

  async user(userId: string): Promise<UserDetail> {
    const { data } = await this.request<UserDetail>('GET', `/order-web/users/${userId}`);
    if (!data) throw new Error(`There is no user ${userId}`);
    return data;
  }

  async stockOf(goodsId: string): Promise<number | undefined> {
    const { data } = await this.request<{ goodsId: string; goodsNumber: number }[]>(
      'GET',
      '/order-web/goods',
    );
    return data?.find((goods) => goods.goodsId === goodsId)?.goodsNumber;
  }

  /** What does not fit together in the books now. */
  async problems(): Promise<string[]> {
    return checkBooks(await readBooks(this.database.dataSource));
  }

  /** Waits until the books balance. @throws Error with what doesn't, when that takes too long */
  async balanced(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const problems = await this.problems();
      if (problems.length === 0) return;
      if (performance.now() > deadline) throw new Error(problems.join('\n'));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async close(): Promise<void> {
    await this.#shop.close();
    await this.database.close();
    await this.cluster.stop();
  }
}

/** Waits for something to be so. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('What was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
