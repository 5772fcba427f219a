import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Answer, ServiceHealth } from '@sample-shop/api';
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
    const status = await booksCommand(['--wait', '1s'], environment, (line) => void lines.push(line));
    return { status, lines };
  };
  const get = async (path: string) => {
    const response = await fetch(shop.url + path);
    return { status: response.status, text: await response.text() };
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shop-'));
    shop = await start();
  });
  afterAll(async () => {
    await shop.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('tells how it is, what it counts, what can be asked, and who is down', async () => {
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
    const document = JSON.parse((await get('/order-web/docs-json')).text) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/order-web/order/confirm', '/order-web/orders/{orderId}']),
    );
    expect((await get('/order-web/health/live')).status).toBe(200);

    await shop.part('pay-service').app.close();
    const unready = await fetch(`${shop.payUrl}/pay-web/health/ready`);
    expect(unready.status).toBe(503);
    expect(await unready.text()).toContain('"service":"pay-service","up":false');
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

    // As a killed shop leaves it.
    await writeFile(join(directory, 'database.url'), 'postgres://postgres@127.0.0.1:1/postgres');
    const embedded = await openEmbedded(directory);
    const database = await openBooks(embedded.url);
    expect((await books()).status).toBe(0);
    const sell = (goodsNumber: number): string =>
      `UPDATE shop_goods.trade_goods SET goods_number = ${goodsNumber} WHERE goods_id = ${ORDER.goodsId}`;
    await database.query(sell(98));
    const stolen = await books();
    expect(stolen.status).toBe(1);
    expect(stolen.lines).toContain(`! stock of ${ORDER.goodsId}: 98, 99 by its log`);
    await database.destroy();
    await embedded.close();
  });
});
