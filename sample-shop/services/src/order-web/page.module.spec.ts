import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SettingsModule } from '../common/settings/settings.module.ts';
import { readSettings, type ShopSettings } from '../common/settings/settings.ts';
import { PageModule } from './page.module.ts';

@Module({})
class Page {
  static with(settings: ShopSettings) {
    return { module: Page, imports: [SettingsModule.with(settings), PageModule] };
  }
}

describe('PageModule', () => {
  let payWeb: Server;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    payWeb = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(`${request.method} ${request.url} ${body}`));
    });
    await new Promise<void>((resolve) => payWeb.listen(0, '127.0.0.1', resolve));
    const { port } = payWeb.address() as AddressInfo;
    const settings = readSettings({ SHOP_PAY_WEB_PORT: String(port) });
    app = await NestFactory.create(Page.with(settings), { logger: false });
    app.setGlobalPrefix('order-web');
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    payWeb.closeAllConnections();
    await new Promise((resolve) => payWeb.close(resolve));
  });

  it('passes on to pay-web what the page asks of it, with its body', async () => {
    const answer = await fetch(`${url}/pay-web/pay/createPayment`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"orderId":"1","payAmount":"5.00"}',
    });

    expect(await answer.text()).toBe('POST /pay-web/pay/createPayment {"orderId":"1","payAmount":"5.00"}');
  });

  it('passes nothing else on', async () => {
    expect((await fetch(`${url}/pay-webs`)).status).toBe(404);
    expect((await fetch(`${url}/order-web/none`)).status).toBe(404);
  });
});
