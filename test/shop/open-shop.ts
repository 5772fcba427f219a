import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../sample-shop/web/build.js', import.meta.url));

/** A shop with its page, and how to close it. */
export interface OpenShop {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the page where that is needed, and starts the real shop: all services, on the broker and the database in this process. */
export async function openShop(environment: NodeJS.ProcessEnv = {}): Promise<OpenShop> {
  const build = spawnSync(process.execPath, [BUILD], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (build.status !== 0) throw new Error('The page could not be built');
  const { readSettings, Shop } = await import('@sample-shop/services');
  const directory = await mkdtemp(join(tmpdir(), 'shop-'));
  const shop = await Shop.start(
    readSettings({
      SHOP_DATA_DIR: directory,
      SHOP_ORDER_WEB_PORT: '0',
      SHOP_PAY_WEB_PORT: '0',
      SHOP_DEMO: 'true',
      SHOP_FAILURE_SWITCHES: 'true',
      ...environment,
    }),
    ['error'],
  );
  return {
    url: `${shop.url}/`,
    async close() {
      await shop.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
