import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Answer, Goods, ServiceHealth } from '@sample-shop/api';
import { ORDER } from '../../spec-support/test-shop.ts';
import { booksCommand } from '../books/command.ts';
import { openBooks } from '../books/read-books.ts';
import { openEmbedded } from '../common/database/embedded.ts';
import { readSettings } from '../common/settings/settings.ts';
import { Shop } from './shop.ts';

jest.setTimeout(60_000);

describe('the shop in one process', () => {
  let directory: string;
  let shop: Shop;

  const start = (): Promise<Shop> =>
    Shop.start(
      { ...readSettings({ SHOP_DATA_DIR: directory, SHOP_DEMO: 'true' }), orderWebPort: 0, payWebPort: 0 },
      false,
    );
  const books = async () => {
    const lines: string[] = [];
    const environment = { SHOP_DATA_DIR: directory };
    const status = await booksCommand(['--wait', '2s'], environment, (line) => void lines.push(line));
    return { status, lines };
  };
  const change = async (sql: string): Promise<void> => {
    const embedded = await openEmbedded(directory);
    const database = await openBooks(embedded.url);
    await database.query(sql);
    await database.destroy();
    await embedded.close();
  };
  const get = async (path: string) => {
    const response = await fetch(shop.url + path);
    return { status: response.status, text: await response.text() };
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shop-'));
    shop = await start();
  });
  afterEach(async () => {
    await shop.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps its orders; its books can be checked while it runs and when it is closed', async () => {
    const placed = await fetch(`${shop.url}/order-web/order/confirm`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ORDER),
    });
    expect(await placed.json()).toMatchObject({ success: true, data: { payAmount: '129.00' } });
    const running = await books();
    expect(running.lines).toContain('orders    1: 1 confirmed, 0 cancelled');
    expect(running).toMatchObject({ status: 0, lines: expect.arrayContaining(['The books balance']) });
    await expect(start()).rejects.toThrow('already started');
    await shop.close();

    expect((await books()).status).toBe(0);
    const set = 'UPDATE shop_goods.trade_goods SET goods_number = ';
    const of = ` WHERE goods_id = ${ORDER.goodsId}`;
    await change(set + 98 + of);
    const stolen = await books();
    expect(stolen.status).toBe(1);
    expect(stolen.lines).toContain(`! stock of ${ORDER.goodsId}: 98, 99 by its log`);
    await change(set + 99 + of);

    // As a killed shop leaves it.
    await writeFile(join(directory, 'database.url'), 'postgres://postgres@127.0.0.1:1/postgres');
    shop = await start();
    const goods = JSON.parse((await get('/order-web/goods')).text) as Answer<Goods[]>;
    expect(goods.data?.map(({ goodsNumber }) => goodsNumber)).toEqual([99, 50, 10]);
  });

  it('tells how it is, what it counts, and what can be asked; an order of a stopped service fails', async () => {
    const ready = await get('/order-web/health/ready');
    expect(ready.status).toBe(200);
    const { data } = JSON.parse(ready.text) as Answer<ServiceHealth[]>;
    expect(data?.map(({ service }) => service)).toEqual([
      'order-service',
      'goods-service',
      'coupon-service',
      'user-service',
    ]);
    const metrics = (await get('/order-web/metrics')).text;
    expect(metrics).toMatch(
      /^shop_http_request_duration_seconds_count\{web="order-web".*status="200"\} \d+$/m,
    );
    expect(metrics).toContain('rocketmq_messages_consumed_total');
    const document = JSON.parse((await get('/order-web/api-json')).text) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/order-web/order/confirm', '/order-web/orders/{orderId}']),
    );
    expect((await get('/order-web/health/live')).status).toBe(200);

    await shop.part('goods-service').app.close();
    const unready = await get('/order-web/health/ready');
    expect(unready.status).toBe(503);
    expect(unready.text).toContain('"service":"goods-service","up":false');
  });
});
