import { Decimal } from 'decimal.js';
import type { Browser, Page } from 'playwright-core';
import {
  axeViolations,
  describeInBrowser,
  overflow,
  startBrowser,
  visit,
  type Visit,
  type Visitor,
} from './browser.ts';
import { openShop, type OpenShop } from './open-shop.ts';

/** Chromium says so by itself of every answer that is an error. */
const failedWith = (status: number) => expect.stringContaining(`status of ${status}`);

const buy = (page: Page) => page.getByRole('button', { name: /^Buy for/ });
const orderPanel = (page: Page) => page.locator('#order');
const message = (page: Page, tag: string) =>
  page.locator('.flow', { has: page.getByRole('heading', { name: tag, exact: true }) });
const book = async (page: Page, row: string) =>
  (await page.locator(`[data-book=${row}] td`).allInnerTexts()).map((cell) => cell.split(/\s/)[0]);

describeInBrowser('The page of the shop', () => {
  let shop: OpenShop;
  let browser: Browser;
  let open: Visit | undefined;

  beforeAll(async () => {
    browser = await startBrowser();
    shop = await openShop({ SHOP_UNPAID_TIMEOUT: '20s' });
  });

  afterAll(async () => {
    await browser?.close();
    await shop?.close();
  });

  afterEach(() => open?.close());

  async function enter(visitor: Visitor = {}): Promise<Visit> {
    open = await visit(browser, shop.url, visitor);
    return open;
  }

  it('sells, is paid, and shows every message on its way to its end', async () => {
    const { page, problems, origins } = await enter();
    await page.getByRole('radio', { name: /Telescope/ }).check();
    await page.getByRole('radio', { name: '50.00' }).check();
    await page.getByLabel('Balance to use').fill('49.95');
    await buy(page).click();

    await orderPanel(page).getByText('Confirmed', { exact: true }).waitFor();
    await orderPanel(page).getByRole('button', { name: 'Pay 1,899.95' }).click();
    await page.getByRole('button', { name: 'Notify twice' }).click();
    await orderPanel(page).getByText('Paid', { exact: true }).waitFor();

    await message(page, 'order_confirm').getByText('sent').waitFor();
    const paid = message(page, 'paid').first();
    await paid.getByText('half message').waitFor();
    await paid.getByText('committed').waitFor();
    for (const group of ['order-service-paid', 'user-service-paid', 'payment-log']) {
      await paid.locator('.branch-consumed', { hasText: group }).waitFor();
    }
    await orderPanel(page).getByText('All settled').waitFor();
    await page.getByText('In balance', { exact: true }).waitFor();
    // Two notifications, one payment: the score has grown by the full units of it once.
    expect(await book(page, 'score')).toEqual(['0', '1899', '1899']);
    expect(await book(page, 'stock')).toEqual(['10', '9', '9']);
    expect(await book(page, 'coupons')).toEqual(['2', '1', '1']);
    expect(await book(page, 'balance')).toEqual(['900.00', '850.05', '850.05']);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    expect([...origins]).toEqual([new URL(shop.url).origin]);
  });

  it('lets a step fail, and shows how the books come back into balance', async () => {
    const { page, problems } = await enter();
    await page.getByRole('radio', { name: /Grace/ }).check();
    await page.getByRole('radio', { name: '20.00' }).check();
    await page.getByRole('button', { name: 'Use 100.00' }).click();
    await page.getByRole('radio', { name: 'Confirming the order' }).check();
    await buy(page).click();

    const alert = page.getByRole('alert');
    await alert.getByText('ORDER_CONFIRM_FAILED').waitFor();
    const cancel = message(page, 'order_cancel');
    for (const group of ['goods-service', 'coupon-service', 'user-service', 'order-service']) {
      await cancel.first().locator('.branch-consumed', { hasText: group }).waitFor();
    }
    await orderPanel(page).getByText('Cancelled', { exact: true }).waitFor();
    await page.getByText('In balance', { exact: true }).waitFor();
    for (const row of ['stock', 'coupons', 'balance', 'score']) {
      const [before, now, due] = await book(page, row);
      expect([row, now, due]).toEqual([row, before, before]);
    }

    await page.getByRole('button', { name: 'Send it again' }).click();
    await cancel.nth(1).locator('.branch-consumed').nth(3).waitFor();
    await orderPanel(page).getByText('All settled').waitFor();
    for (const row of ['stock', 'coupons', 'balance', 'score']) {
      const [before, now] = await book(page, row);
      expect([row, now]).toEqual([row, before]);
    }
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([failedWith(500)]);
  });

  it('cancels an order that nobody pays for, and refunds a payment that comes too late', async () => {
    const { page, problems } = await enter();
    await page.getByRole('radio', { name: /Desk lamp/ }).check();
    await buy(page).click();
    await orderPanel(page).getByRole('button', { name: 'Pay 55.50' }).click();
    await message(page, 'order_unpaid').getByText('waiting').waitFor();

    await orderPanel(page).getByText('Cancelled', { exact: true }).waitFor();
    await message(page, 'order_cancel').locator('.branch-consumed').nth(3).waitFor();
    await orderPanel(page).getByText('All settled').waitFor();
    await page.getByText('In balance', { exact: true }).waitFor();
    const [before = '', back] = await book(page, 'balance');
    expect(back).toBe(before);

    await page.getByRole('button', { name: 'Notify twice' }).click();
    await orderPanel(page).getByText('55.50 is refunded to the balance').waitFor();
    await message(page, 'order_refund').locator('.branch-consumed', { hasText: 'user-service' }).waitFor();
    await orderPanel(page).getByText('All settled').waitFor();
    await page.getByText('In balance', { exact: true }).waitFor();
    const refunded = new Decimal(before).plus('55.50').toFixed(2);
    expect(await book(page, 'balance')).toEqual([before, refunded, refunded]);
    const [scoreBefore, score] = await book(page, 'score');
    expect(score).toBe(scoreBefore);
    expect(problems).toEqual([]);
  });

  it('says what the shop has against an order', async () => {
    const { page, problems } = await enter();
    await page.getByRole('radio', { name: /Telescope/ }).check();
    await page.getByLabel('How many').fill('11');
    await page.getByText(/There are only \d+ in stock/).waitFor();
    await buy(page).click();

    await page.getByRole('alert').getByText('code STOCK_NOT_ENOUGH, HTTP 409').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(problems).toEqual([failedWith(409)]);
  });

  it('says so when the shop does not answer, and goes on when it does again', async () => {
    const { page } = await enter();
    await buy(page).waitFor();
    await page.route('**/order-web/order/confirm', (route) => route.abort());
    await buy(page).click();
    await page.getByRole('alert').getByText('The shop does not answer. Is it running?').waitFor();

    await page.unroute('**/order-web/order/confirm');
    await buy(page).click();
    await orderPanel(page).getByText('Confirmed', { exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('is served with headers that keep it to itself', async () => {
    const page = await fetch(shop.url);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('no-cache');

    const [, asset = ''] = /src="\.(\/assets\/[^"]+)"/.exec(await page.text()) ?? [];
    const script = await fetch(new URL(asset, shop.url));
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-encoding')).toBe('gzip');
    const plain = await fetch(script.url, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await script.text());
    // What is not there is not the page.
    expect((await fetch(new URL('assets/none.js', shop.url))).status).toBe(404);
  });

  it('leads to what describes the interfaces of the shop', async () => {
    const { page } = await enter();
    const links = await page.getByRole('contentinfo').getByRole('link').all();
    expect(links).toHaveLength(2);
    for (const link of links) {
      const answer = await fetch(new URL((await link.getAttribute('href')) ?? '', shop.url));
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('swagger')]);
    }
  });

  it('speaks Chinese, and remembers that', async () => {
    const { page, problems } = await enter();
    await page.getByText('中文').click();
    await page.getByRole('heading', { name: '示例商城' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '示例商城' }).waitFor();

    await page.getByRole('radio', { name: '使用优惠券' }).check();
    await page.getByRole('button', { name: /^下单/ }).click();
    await page.getByRole('alert').getByText('使用优惠券失败').waitFor();
    await orderPanel(page).getByText('已取消', { exact: true }).waitFor();

    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([failedWith(500)]);
  });

  it('speaks the language of the browser to who is here for the first time', async () => {
    const { page } = await enter({ language: 'zh-CN' });
    const heading = page.getByRole('heading', { name: '示例商城' });
    await heading.waitFor();
    expect(await heading.isVisible()).toBe(true);
  });

  it('is light or dark as the system is, or as one chooses', async () => {
    const { page, problems } = await enter({ colours: 'dark' });
    await buy(page).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await axeViolations(page)).toEqual([]);

    await page.getByText('Light', { exact: true }).click();
    await page.reload();
    await buy(page).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is used by keyboard alone', async () => {
    const { page, problems } = await enter();
    await buy(page).waitFor();
    const focused = () =>
      page.evaluate(
        'document.activeElement.closest("label, button, h2, a")?.innerText ?? ""',
      ) as Promise<string>;
    const tabTo = async (text: RegExp) => {
      for (let steps = 0; steps < 40; steps++) {
        await page.keyboard.press('Tab');
        if (text.test(await focused())) return;
      }
      throw new Error(`${text} is not reached by the tabulator key`);
    };

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to your order');
    await tabTo(/^Ada/);
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toMatch(/^Grace/);
    await tabTo(/^Keyboard/);
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/^Desk lamp/);
    await tabTo(/^None/);
    await page.keyboard.press('ArrowRight');
    await tabTo(/^Buy for/);
    await page.keyboard.press('Enter');

    await orderPanel(page).getByText('Confirmed', { exact: true }).waitFor();
    // The page moves it once it has drawn the order.
    for (const end = Date.now() + 60_000; !(await focused()).startsWith('Order …') && Date.now() < end;)
      await page.waitForTimeout(50);
    expect(await focused()).toMatch(/^Order …/);
    await page.getByRole('button', { name: /^Pay/ }).waitFor();
    await tabTo(/^Pay \d/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Notify: paid' }).waitFor();
    await tabTo(/^Notify: paid/);
    await page.keyboard.press('Enter');
    await orderPanel(page).getByText('Paid', { exact: true }).waitFor();
    expect(problems).toEqual([]);
  });

  it('fits on a phone at every step', async () => {
    const { page, problems } = await enter({ width: 375, height: 740, colours: 'dark' });
    await buy(page).waitFor();
    expect(await overflow(page)).toBe(0);

    // Everything is taken, and the message that gives it back can't be sent for some seconds.
    await page.getByRole('radio', { name: 'Sending a message' }).check();
    await buy(page).click();
    await page.getByText('On the way', { exact: true }).waitFor();
    await orderPanel(page)
      .getByText(/^No message yet/)
      .waitFor();
    await message(page, 'order_cancel').locator('.branch-consumed').nth(3).waitFor();
    await page.getByText('In balance', { exact: true }).waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await axeViolations(page)).toEqual([]);

    await page.getByRole('radio', { name: 'Nothing fails' }).check();
    await buy(page).click();
    await orderPanel(page).getByRole('button', { name: /^Pay/ }).click();
    await page.getByRole('button', { name: 'Notify twice' }).click();
    await orderPanel(page).getByText('Paid', { exact: true }).waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([failedWith(503)]);
  });
});
