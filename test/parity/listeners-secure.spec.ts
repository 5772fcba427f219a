import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { RocketMQModule, RocketMQTemplate, type ListenerAttributes } from 'nest-rocketmq';
import { eventually } from '../integration/client-cluster.ts';
import { authority, SecureCluster } from '../support/secure-cluster.ts';
import { listenerClass } from './listening.ts';

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
  let secure: SecureCluster;
  let app: TestingModule | undefined;
  let seen: unknown[];

  beforeAll(async () => {
    secure = await SecureCluster.start(ACCOUNTS);
  });

  afterEach(() => app?.close());

  afterAll(() => secure.remove());

  async function start(attributes: ListenerAttributes): Promise<RocketMQTemplate> {
    seen = [];
    app = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot({
          nameServer: secure.nameServer,
          acl: { accessKey: 'sender-app', secretKey: 'the-secret' },
          tls: authority,
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
