import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pglite } from '../../../../../libs/consumer-log/spec-support/databases.ts';
import { TestShop } from '../../../spec-support/test-shop.ts';
import { RocketMQRegistry } from 'nest-rocketmq';
import { DataSource } from 'typeorm';
import { HealthOfService } from './service-health.ts';

describe('the health of a service', () => {
  let shop: TestShop;

  beforeAll(async () => {
    shop = await TestShop.start(pglite);
  }, 60_000);
  afterAll(() => shop.close());

  const check = () => shop.get('user-service', HealthOfService).check('user-service');

  it('is up while its database and its NameServer answer, and its listeners run', async () => {
    expect(await check()).toEqual({
      service: 'user-service',
      up: true,
      parts: [
        { name: 'database', up: true },
        { name: 'NameServer', up: true, message: 'up' },
        { name: 'listener user-service', up: true, message: 'running' },
        { name: 'listener user-service-paid', up: true, message: 'running' },
      ],
    });
  });

  it('is down when a listener was stopped, and with it what is asked of order-web', async () => {
    const registry = shop.get('user-service', RocketMQRegistry);
    await registry.stop('user-service');
    expect(await check()).toMatchObject({ up: false });
    expect(await shop.request('GET', '/order-web/health/ready')).toMatchObject({ status: 503, code: 'FAIL' });
    await registry.start('user-service');
    expect(await check()).toMatchObject({ up: true });
  });

  it('is down when the database is gone', async () => {
    await shop.get('user-service', DataSource).destroy();
    const { up, parts } = await check();
    expect(up).toBe(false);
    expect(parts[0]).toMatchObject({ name: 'database', up: false });
  });
});
