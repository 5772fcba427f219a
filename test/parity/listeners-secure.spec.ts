import 'reflect-metadata';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Broker } from '@nest-rocketmq/broker';
import { NameServer } from '@nest-rocketmq/namesrv';
import { Test, type TestingModule } from '@nestjs/testing';
import { RocketMQModule, RocketMQTemplate, type ListenerAttributes } from 'nest-rocketmq';
import { eventually } from '../integration/client-cluster.ts';
import { listenerClass } from './listening.ts';

const certificate = (name: string): string =>
  fileURLToPath(new URL(`../support/certificates/${name}`, import.meta.url));

const ACCOUNTS = `accounts:
- accessKey: sender-app
  secretKey: the-secret
  topicPerms: [orders=PUB]
- accessKey: stock-app
  secretKey: the-secret-2
  topicPerms: [orders=SUB]
  groupPerms: [stock=SUB]
`;

describe('a listener on a cluster with TLS and access control', () => {
  let home: string;
  let nameServer: NameServer;
  let broker: Broker;
  let app: TestingModule | undefined;
  let seen: unknown[];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'secure-listeners-'));
    mkdirSync(join(home, 'conf'));
    writeFileSync(join(home, 'conf', 'plain_acl.yml'), ACCOUNTS);
    const tlsFile = join(home, 'tls.properties');
    writeFileSync(
      tlsFile,
      'tls.test.mode.enable=false\n' +
        `tls.server.certPath=${certificate('server.pem')}\ntls.server.keyPath=${certificate('server.key')}\n` +
        `tls.client.trustCertPath=${certificate('ca.pem')}\n`,
    );
    const tls = { 'tls.server.mode': 'enforcing', 'tls.enable': true, 'tls.config.file': tlsFile };
    nameServer = new NameServer({ listenPort: 0, ...tls });
    await nameServer.start();
    broker = new Broker({
      listenPort: 0,
      brokerName: 'broker-a',
      namesrvAddr: nameServer.address,
      storePathRootDir: join(home, 'store'),
      mappedFileSizeCommitLog: 16 * 1024 * 1024,
      aclEnable: true,
      rocketmqHome: home,
      ...tls,
    });
    await broker.start();
  });

  afterEach(() => app?.close());

  afterAll(async () => {
    await broker.shutdown();
    await nameServer.shutdown();
    rmSync(home, { recursive: true, force: true });
  });

  async function start(attributes: ListenerAttributes): Promise<RocketMQTemplate> {
    seen = [];
    app = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot({
          nameServer: nameServer.address,
          acl: { accessKey: 'sender-app', secretKey: 'the-secret' },
          tls: { trustCertPath: certificate('ca.pem') },
        }),
      ],
      providers: [
        listenerClass(
          { consumerGroup: 'stock', topic: 'orders', ...attributes },
          (payload) => void seen.push(payload),
        ),
      ],
    }).compile();
    app.useLogger(false);
    await app.init();
    return app.get(RocketMQTemplate);
  }

  it('accessKey, secretKey, tls: is who it says, and connects as it says', async () => {
    process.env['STOCK_SECRET'] = 'the-secret-2';
    const template = await start({
      accessKey: 'stock-app',
      secretKey: '${stock.secret}',
      tls: '${STOCK_TLS:true}',
    });
    delete process.env['STOCK_SECRET'];
    await template.send('orders', 'for the stock');
    await eventually(() => seen.length === 1);
    expect(seen).toEqual(['for the stock']);
  });
});
