import 'reflect-metadata';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import {
  Context,
  MessageContext,
  Payload,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import type { JavaClient } from '../harness/java-client.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

interface Seen {
  handler: string;
  order: unknown;
  attempt: number;
  keys: readonly string[];
}

/** A Nest application on a cluster, with Apache's client on the other side. */
export function starterCases(cluster: () => Cluster, java: () => JavaClient): void {
  async function start(topic: string, seen: Seen[]): Promise<INestApplicationContext> {
    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: `${topic}-group`,
      topic,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    class Orders {
      @RocketMQMessageListener({ tags: 'created' })
      created(@Payload() order: unknown, @Context() context: MessageContext): void {
        seen.push({ handler: 'created', order, attempt: context.attempt, keys: context.keys });
      }

      @RocketMQMessageListener({ tags: ['paid', 'unpaid'] })
      paid(@Payload() order: unknown, @Context() context: MessageContext): void {
        seen.push({ handler: 'paid', order, attempt: context.attempt, keys: context.keys });
        if (context.attempt === 1) throw new RetryLater('1s');
      }
    }
    const module = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot({
          nameServer: cluster().nameServer,
          producer: { group: `${topic}-producer` },
        }),
      ],
      providers: [Orders],
    }).compile();
    return module.init();
  }

  it('a Nest application: the template to Java, Java to the listeners by tag, and a retry', async () => {
    const topic = await caseTopic(cluster(), java(), 'starter');
    const seen: Seen[] = [];
    const app = await start(topic, seen);
    try {
      const theirs = await java().consumer({
        group: `${topic}-java`,
        topic,
        nameServer: cluster().nameServer,
      });
      const template = app.get(RocketMQTemplate);
      await template.send(`${topic}:created`, { id: 1, name: '订单' }, { keys: 'k1' });
      const [message] = await theirs.received(1);
      expect(message).toMatchObject({ topic, tags: 'created', keys: 'k1' });
      expect(JSON.parse(String(message?.body))).toEqual({ id: 1, name: '订单' });

      const sender = await java().producer(cluster().nameServer);
      await sender.send({ topic, tags: 'paid', keys: 'k2', body: '{"id":2}' });
      await sender.send({ topic, tags: 'nobody', body: '{"id":3}' });
      await until(
        'all handlers ran',
        () => seen.length >= 3,
        PATIENCE_MS,
        () => seen,
      );
      expect(seen).toHaveLength(3);
      expect(seen).toEqual(
        expect.arrayContaining([
          { handler: 'created', order: { id: 1, name: '订单' }, attempt: 1, keys: ['k1'] },
          { handler: 'paid', order: { id: 2 }, attempt: 1, keys: ['k2'] },
          { handler: 'paid', order: { id: 2 }, attempt: 2, keys: ['k2'] },
        ]),
      );
      await theirs.stop();
    } finally {
      await app.close();
    }
  });
}
