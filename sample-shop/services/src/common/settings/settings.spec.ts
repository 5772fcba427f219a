import { describe, expect, it } from '@jest/globals';
import { readSettings } from './settings.ts';

describe('the settings of the shop', () => {
  it('have defaults for everything', () => {
    expect(readSettings({})).toMatchObject({
      databaseUrl: undefined,
      nameServer: undefined,
      orderWebPort: 8080,
      payWebPort: 9090,
      unpaidTimeout: 1_800_000,
      failureSwitches: false,
      demonstration: false,
      rpc: { 'goods-service': { host: '127.0.0.1', port: 7001 }, 'pay-service': { port: 7005 } },
    });
  });

  it('come from the environment', () => {
    const environment = {
      SHOP_DATABASE_URL: 'mysql://root@127.0.0.1/',
      NAMESRV_ADDR: 'host:9876',
      SHOP_RPC_ORDER_SERVICE: 'orders:7100',
      SHOP_UNPAID_TIMEOUT: '5s',
      SHOP_RPC_TIMEOUT: '500',
      SHOP_FAILURE_SWITCHES: 'true',
      SHOP_DATA_DIR: '',
    };
    expect(readSettings(environment)).toMatchObject({
      databaseUrl: 'mysql://root@127.0.0.1/',
      nameServer: 'host:9876',
      rpc: { 'order-service': { host: 'orders', port: 7100 } },
      unpaidTimeout: 5000,
      rpcTimeout: 500,
      failureSwitches: true,
      dataDirectory: '.shop',
    });
    expect(readSettings({ ...environment, SHOP_NAME_SERVER: 'other:1' }).nameServer).toBe('other:1');
  });

  it('that are wrong are all named', () => {
    const wrong = {
      SHOP_DATABASE_URL: 'sqlite:x',
      SHOP_ORDER_WEB_PORT: '70000',
      SHOP_UNPAID_TIMEOUT: 'soon',
      SHOP_RPC_PAY_SERVICE: 'nowhere',
      SHOP_DEMO: 'perhaps',
    };
    const message = (): string => {
      try {
        readSettings(wrong);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    for (const name of Object.keys(wrong)) expect(message()).toContain(name);
  });
});
