import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import {
  Context,
  DeadLetterService,
  MessageContext,
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQRegistry,
  RocketMQTemplate,
} from 'nest-rocketmq';
import type { JavaClient } from '../harness/java-client.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

/** The dead letters of a Nest application on a cluster. */
export function starterDeadLetterCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a Nest application: dead letters with their reason, sent again to their topic and to their group', async () => {
    const topic = await caseTopic(cluster(), java(), 'dead-letters');
    const group = `${topic}-group`;
    const done: MessageContext[] = [];
    let broken = true;

    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: group,
      topic,
      maxReconsumeTimes: 1,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    class Orders {
      onMessage(@Payload() { how }: { how: string }, @Context() context: MessageContext): void {
        if (!broken) done.push(context);
        else if (how === 'reject') throw new RejectMessage('stock row is gone');
        else throw new RetryLater('1s', 'not today');
      }
    }
    const app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ nameServer: cluster().nameServer })],
      providers: [Orders],
    }).compile();
    await app.init();
    try {
      const theirs = await java().consumer({
        group: `${topic}-java`,
        topic,
        nameServer: cluster().nameServer,
      });
      const template = app.get(RocketMQTemplate);
      const deadLetters = app.get(DeadLetterService);
      const rejected = await template.send(
        `${topic}:a`,
        { how: 'reject' },
        { keys: 'k1', headers: { tenant: 't' } },
      );
      const tired = await template.send(`${topic}:b`, { how: 'retry' }, { keys: 'k2' });
      await until('both are dead letters', async () => (await deadLetters.count(group)) === 2);
      const letters = await deadLetters.list(group);
      expect(letters).toHaveLength(2);
      expect(letters.find(({ keys }) => keys.includes('k1'))).toMatchObject({
        topic,
        tag: 'a',
        msgId: rejected.msgId,
        originMessageId: rejected.offsetMsgId,
        reason: 'stock row is gone',
        rejectedBy: 'Orders.onMessage',
      });
      expect(letters.find(({ keys }) => keys.includes('k2'))).toMatchObject({
        topic,
        tag: 'b',
        msgId: tired.msgId,
        reason: 'not today',
        attempts: 2,
      });
      expect((await app.get(RocketMQRegistry).lag(group)).length).toBeGreaterThan(0);

      broken = false;
      const toTopic = await deadLetters.replay(group, { key: 'k1' });
      expect(toTopic).toMatchObject({ replayed: 1, failed: [] });
      const toGroup = await deadLetters.replay(group, { key: 'k2', to: 'group' });
      expect(toGroup).toMatchObject({ replayed: 1, failed: [] });
      await until('both are consumed', () => done.length === 2);
      const again = (key: string) => done.find(({ keys }) => keys.includes(key));
      expect(again('k1')).toMatchObject({ topic, tag: 'a', msgId: rejected.msgId, attempt: 1 });
      expect(again('k1')?.headers.get('tenant')).toBe('t');
      expect(again('k2')).toMatchObject({ topic, tag: 'b', msgId: tired.msgId });
      // The other group of the topic has what was sent to the topic twice, and what was sent to the group once.
      const received = await theirs.received(3);
      expect(received.map(({ keys }) => keys).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(
        ['k1', 'k1', 'k2'],
      );
      await theirs.stop();
    } finally {
      await app.close();
    }
  });
}
