import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedCluster } from '@nest-rocketmq/embedded';
import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from './index.ts';

// Over real sockets and real time: a busy machine may take its time.
jest.setTimeout(30_000);

describe("an application that starts before its cluster, with connect: 'background'", () => {
  let storePath: string;

  beforeEach(async () => {
    storePath = await mkdtemp(join(tmpdir(), 'nest-rocketmq-'));
  });

  afterEach(() => rm(storePath, { recursive: true, force: true }));

  it('fails sends with an error that names the address, and works when the cluster is there', async () => {
    // A cluster that was there before, so that its address is known to be free now.
    const before = await EmbeddedCluster.start({ storePath });
    const { nameServer } = before;
    await before.shutdown();

    let consume: (payload: unknown) => void = () => undefined;
    const consumed = new Promise<unknown>((resolve) => (consume = resolve));

    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: 'g',
      topic: 'order',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    class Listener {
      onMessage(payload: unknown) {
        consume(payload);
      }
    }
    const app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ nameServer, connect: 'background' })],
      providers: [Listener],
    }).compile();
    app.useLogger(false);
    await app.init();
    const template = app.get(RocketMQTemplate);
    await expect(template.send('order', 1)).rejects.toThrow(nameServer);

    const cluster = await EmbeddedCluster.start({
      storePath,
      ports: { namesrv: Number(nameServer.split(':')[1]) },
    });
    await template.send('order', { id: 1 });
    await expect(consumed).resolves.toEqual({ id: 1 });
    await app.close();
    await cluster.shutdown();
  });
});
