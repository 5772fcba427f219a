import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { MQAdmin } from '@nest-rocketmq/client';
import { EmbeddedCluster } from '@nest-rocketmq/embedded';
import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from '../index.ts';

// Over real sockets and real time: a busy machine may take its time.
jest.setTimeout(30_000);

it('a listener whose group pops gets each message, and what it fails with again', async () => {
  const storePath = await mkdtemp(join(tmpdir(), 'nest-rocketmq-'));
  const cluster = await EmbeddedCluster.start({ storePath });
  const { nameServer } = cluster;
  const admin = new MQAdmin({ nameServer });
  await admin.start();
  await admin.createTopic('order');
  await admin.createSubscriptionGroup('popper');
  await admin.setMessageRequestMode('order', 'popper', 'POP');
  const calls: string[] = [];
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));

  @Injectable()
  @RocketMQMessageListener({
    consumerGroup: 'popper',
    topic: 'order',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    clientRebalance: false,
    popInvisibleTime: '10s',
    delayLevelWhenNextConsume: 1,
  })
  class Listener {
    onMessage(payload: string) {
      calls.push(payload);
      if (payload === 'fails' && calls.filter((each) => each === 'fails').length === 1)
        throw new Error('not yet');
      if (calls.length === 4) finish();
    }
  }
  const app = await Test.createTestingModule({
    imports: [RocketMQModule.forRoot({ nameServer })],
    providers: [Listener],
  }).compile();
  app.useLogger(false);
  await app.init();
  try {
    for (const payload of ['a', 'fails', 'b']) await app.get(RocketMQTemplate).send('order', payload);
    await finished;
    expect(calls.toSorted()).toEqual(['a', 'b', 'fails', 'fails']);
    // Where what is popped comes again from.
    while (!(await admin.topicList()).includes('%RETRY%popper_order')) await setTimeout(20);
  } finally {
    await app.close();
    await admin.shutdown();
    await cluster.shutdown();
    await rm(storePath, { recursive: true, force: true });
  }
});
