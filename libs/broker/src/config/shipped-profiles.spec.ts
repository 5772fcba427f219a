import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseProperties } from '@nest-rocketmq/protocol';
import { brokerConfig, type BrokerConfig } from './broker-config.ts';

const CONF = join(import.meta.dirname, '../../../../conf');

function load(path: string): BrokerConfig {
  return brokerConfig({
    file: { path, properties: parseProperties(readFileSync(join(CONF, path), 'utf8')) },
  });
}

describe('the shipped profiles', () => {
  it.each(['2m-noslave', '2m-2s-async', '2m-2s-sync'])('%s can run on one machine', (profile) => {
    const brokers = readdirSync(join(CONF, profile)).map((file) => load(`${profile}/${file}`));
    const ports = brokers.flatMap(({ listenPort }) => [listenPort, listenPort + 1]);
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(brokers.map((broker) => broker.storePathRootDir)).size).toBe(brokers.length);
    expect(new Set(brokers.map((broker) => `${broker.brokerName} ${broker.brokerId}`)).size).toBe(
      brokers.length,
    );
  });

  it('has a slave for every master where its name says so', () => {
    const roles = readdirSync(join(CONF, '2m-2s-sync')).map((file) => load(`2m-2s-sync/${file}`).brokerRole);
    expect(roles.sort()).toEqual(['SLAVE', 'SLAVE', 'SYNC_MASTER', 'SYNC_MASTER']);
  });

  it('has a broker.conf that stays on loopback', () => {
    expect(load('broker.conf')).toMatchObject({
      brokerName: 'broker-a',
      bindAddress: '127.0.0.1',
      listenPort: 10911,
    });
  });
});
