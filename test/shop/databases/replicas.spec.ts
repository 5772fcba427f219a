import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, jest } from '@jest/globals';
import { mariadb, postgres } from '../../../libs/consumer-log/spec-support/servers.ts';
import { DatabaseModule } from '../../../sample-shop/services/src/common/database/database.module.ts';
import { SettingsModule } from '../../../sample-shop/services/src/common/settings/settings.module.ts';
import { readSettings } from '../../../sample-shop/services/src/common/settings/settings.ts';
import { GoodsSeed } from '../../../sample-shop/services/src/demo/goods.seed.ts';
import { GOODS_DATABASE } from '../../../sample-shop/services/src/goods-service/goods.database.ts';

jest.setTimeout(240_000);

/** What of a service is about its database. */
@Module({})
class Replica {}

describe.each([mariadb, postgres].filter(({ missing }) => missing === undefined))('on $name', ({ start }) => {
  it('replicas of a service start at the same time on a database that is empty', async () => {
    const database = await start();
    const settings = readSettings({ SHOP_DATABASE_URL: database.url, SHOP_DEMO: 'true' });
    // What TypeORM says of a migration that another replica was faster with.
    const said = jest.spyOn(console, 'log').mockImplementation(() => {});
    const replica = () => ({
      module: Replica,
      imports: [SettingsModule.with(settings), DatabaseModule.of(settings, GOODS_DATABASE)],
      providers: [GoodsSeed],
    });
    const replicas = await Promise.all(
      Array.from({ length: 4 }, () =>
        NestFactory.createApplicationContext(replica(), { logger: false, abortOnError: false }),
      ),
    );
    const goods = await database.dataSource.query<unknown[]>('SELECT 1 FROM shop_goods.trade_goods');
    expect(goods).toHaveLength(3);
    for (const each of replicas) await each.close();
    said.mockRestore();
    await database.close();
  });
});
