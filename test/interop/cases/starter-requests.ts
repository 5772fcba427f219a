import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import type { JavaClient } from '../harness/java-client.ts';
import { caseTopic, type Cluster } from './cluster.ts';

let last = 0;

/** Requests and replies between a Nest application and Apache's client. */
export function starterRequestCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a Nest application: what its listener returns is the reply to Java, and Java replies to it', async () => {
    const topic = await caseTopic(cluster(), java(), 'starter-request');
    const theirs = await caseTopic(cluster(), java(), 'starter-request-theirs');
    const { nameServer } = cluster();
    const id = `starter-requests-${++last}`;

    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: `${topic}-group`,
      topic,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    class Prices {
      onMessage(@Payload() question: { sku: string }): { price: number } {
        return { price: question.sku.length };
      }
    }
    const module = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ nameServer, producer: { group: `${topic}-producer` } })],
      providers: [Prices],
    }).compile();
    const app = await module.init();
    await java().call('replay.startProducer', { id, nameServer });
    await java().call('replay.startConsumer', {
      id: `${id}-replier`,
      nameServer,
      topic: theirs,
      group: `${theirs}-group`,
    });
    try {
      const body = Buffer.from('{"sku":"abc"}').toString('base64');
      const reply = await java().call<{ body: string; properties: Record<string, string> }>(
        'replay.request',
        {
          id,
          timeout: 60_000,
          message: { topic, body },
        },
      );
      expect(JSON.parse(Buffer.from(reply.body, 'base64').toString())).toEqual({ price: 3 });

      const template = app.get(RocketMQTemplate);
      const options = { timeout: '60s', replyType: 'text' } as const;
      expect(await template.sendAndReceive(theirs, 'loud', options)).toBe('LOUD');
    } finally {
      await app.close();
      for (const one of [id, `${id}-replier`]) await java().call('replay.stop', { id: one });
    }
  });
}
