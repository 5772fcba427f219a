import { describe, expect, it } from '@jest/globals';
import { acceptedKeys } from './accepted-keys.ts';
import {
  brokerConfig,
  brokerConfigDefaults,
  ignoredSettings,
  type BrokerConfigSources,
} from './broker-config.ts';
import { checkNamesrvAddr, namesrvAddresses } from './namesrv-addresses.ts';
import { printBrokerConfig } from './print-config.ts';

const file = (items: Record<string, string>): BrokerConfigSources => ({
  file: { path: 'broker.conf', properties: new Map(Object.entries(items)) },
});

describe('brokerConfig', () => {
  it('has the defaults of Java, but for the addresses', () => {
    expect(brokerConfig()).toMatchObject({
      brokerClusterName: 'DefaultCluster',
      listenPort: 10911,
      brokerPermission: 6,
      defaultTopicQueueNums: 8,
      maxMessageSize: 4 * 1024 * 1024,
      flushDiskType: 'ASYNC_FLUSH',
      registerNameServerPeriod: 30_000,
      bindAddress: '127.0.0.1',
      brokerIP1: '127.0.0.1',
      brokerIP2: '127.0.0.1',
    });
  });

  it('loads a file as it is shipped with Java, and one that tunes it', () => {
    const config = brokerConfig(
      file({
        brokerClusterName: 'DefaultCluster',
        brokerName: 'broker-a',
        brokerId: '0',
        deleteWhen: '04',
        fileReservedTime: '48',
        brokerRole: 'ASYNC_MASTER',
        flushDiskType: 'SYNC_FLUSH',
        sendMessageThreadPoolNums: '16',
        useReentrantLockWhenPutMessage: 'true',
        serverSelectorThreads: '6',
        dLegerPeers: 'n0-127.0.0.1:40911',
        filterServerNums: '0',
      }),
    );
    expect(config).toMatchObject({
      brokerName: 'broker-a',
      fileReservedTime: 48,
      flushDiskType: 'SYNC_FLUSH',
    });
    expect(config).not.toHaveProperty('sendMessageThreadPoolNums');
  });

  it('accepts no key twice: what means something here is not in the other list', () => {
    const both = Object.keys(acceptedKeys).filter((key) => Object.hasOwn(brokerConfigDefaults, key));
    expect(both).toEqual([]);
  });

  it('may be built from its own result', () => {
    const config = brokerConfig({ overrides: { bindAddress: '127.0.0.2', brokerName: 'x' } });
    expect(brokerConfig({ overrides: config })).toEqual(config);
  });

  it('checks the type even of what means nothing here', () => {
    expect(() => brokerConfig(file({ sendMessageThreadPoolNums: 'many' }))).toThrow(
      'sendMessageThreadPoolNums',
    );
  });

  it.each([
    [{ brokerNmae: 'a' }, 'broker.conf: brokerNmae is not known. Did you mean brokerName?'],
    [{ flushDiskType: 'MAYBE' }, 'flushDiskType must be one of ASYNC_FLUSH, SYNC_FLUSH'],
    [{ listenPort: '70000' }, 'listenPort must be between 0 and 65535'],
    [{ brokerRole: 'SLAVE' }, 'brokerId must be above 0 for a SLAVE, not 0'],
    [{ brokerId: '1' }, 'brokerId must be 0 for a master, not 1'],
    [{ namesrvAddr: '127.0.0.1' }, 'namesrvAddr must be like 127.0.0.1:9876'],
    [{ bindAddress: 'here' }, 'bindAddress must be an IP address'],
    [{ brokerName: '' }, 'brokerName must not be empty'],
    [{ 'tls.server.mode': 'maybe' }, 'tls.server.mode must be one of disabled, permissive, enforcing'],
    [{ authenticationEnabled: 'true' }, 'authenticationEnabled is not supported'],
    [{ enableDLegerCommitLog: 'true' }, 'enableDLegerCommitLog is not supported'],
    [{ storeType: 'defaultRocksDB' }, 'storeType is not supported'],
  ])('refuses %j', (items, message) => {
    expect(() => brokerConfig(file(items as Record<string, string>))).toThrow(message);
  });

  describe('addresses', () => {
    it('publishes an address that it is bound to', () => {
      const { brokerIP1, brokerIP2 } = brokerConfig({ overrides: { bindAddress: '127.0.0.2' } });
      expect([brokerIP1, brokerIP2]).toEqual(['127.0.0.2', '127.0.0.2']);
    });

    it('listens everywhere when it is told to publish an address beyond loopback', () => {
      const config = brokerConfig(file({ brokerIP1: '192.0.2.7' }));
      expect(config).toMatchObject({
        brokerIP1: '192.0.2.7',
        brokerIP2: '192.0.2.7',
        bindAddress: '0.0.0.0',
      });
    });

    it('publishes an address of this machine when it listens everywhere', () => {
      expect(brokerConfig({ overrides: { bindAddress: '0.0.0.0' } }).brokerIP1).toMatch(
        /^\d+\.\d+\.\d+\.\d+$|:/,
      );
    });

    it('stays on loopback when that is what it publishes', () => {
      expect(brokerConfig(file({ brokerIP1: 'localhost' })).bindAddress).toBe('127.0.0.1');
    });
  });

  it('names the accepted keys that a file sets in vain', () => {
    expect(
      ignoredSettings(file({ brokerName: 'a', sendMessageThreadPoolNums: '64', highSpeedMode: 'false' })),
    ).toEqual(['sendMessageThreadPoolNums']);
  });
});

describe('printBrokerConfig', () => {
  it('prints every item in order, or the important ones', () => {
    const all = printBrokerConfig(file({ brokerName: 'broker-a' }));
    expect(all).toContain('brokerName=broker-a');
    expect(all).toContain('sendThreadPoolQueueCapacity=10000');
    expect(all).toEqual([...all].sort());
    const important = printBrokerConfig({}, 'important');
    expect(important).toContain('brokerRole=ASYNC_MASTER');
    expect(important.join()).not.toContain('undefined');
    expect(important.length).toBeLessThan(30);
  });
});

describe('namesrvAddresses', () => {
  it('splits, trims and keeps each address once', () => {
    expect(namesrvAddresses(' a:1 ;b:2;;a:1; ')).toEqual(['a:1', 'b:2']);
    expect(namesrvAddresses('')).toEqual([]);
  });

  it.each(['a', 'a:', ':1', 'a:0', 'a:65536', 'a:1 b:2', 'a:x', 'a:1;b'])('refuses %j', (text) => {
    expect(() => checkNamesrvAddr('broker.conf', text)).toThrow('namesrvAddr');
  });

  it.each(['', 'a:1', '127.0.0.1:9876;name.example.org:9876', '[::1]:9876'])('takes %j', (text) => {
    expect(() => checkNamesrvAddr('broker.conf', text)).not.toThrow();
  });
});
