import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import { message, RocketMQModule, RocketMQTemplate, type SendResult } from 'nest-rocketmq';
import type { JavaClient } from '../harness/java-client.ts';
import type { SeenMessage } from '../harness/java-types.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

/** Where Java's hash puts the key `a`, of four queues. */
const QUEUE_OF_A = 1;

/** What the template's methods put on the wire, as Apache's client reads it. */
export function starterTemplateCases(cluster: () => Cluster, java: () => JavaClient, timers: boolean): void {
  async function withTemplate(run: (template: RocketMQTemplate) => Promise<void>): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot({
          nameServer: cluster().nameServer,
          producer: { group: 'template-cases', maxMessageSize: 1000 },
        }),
      ],
    }).compile();
    const app = await module.init();
    try {
      await run(app.get(RocketMQTemplate));
    } finally {
      await app.close();
    }
  }

  /** All that is in a topic, once it is so much; in the order of the bodies. */
  async function stored(topic: string, count: number): Promise<SeenMessage[]> {
    let seen: SeenMessage[] = [];
    await until(
      `${count} messages in ${topic}`,
      async () => (seen = await java().read(cluster().nameServer, topic)).length >= count,
    );
    return seen.toSorted((a, b) => String(a.body).localeCompare(String(b.body)));
  }

  it('a Nest template: every way to send, read by Java', async () => {
    const topic = await caseTopic(cluster(), java(), 'template');
    await withTemplate(async (template) => {
      await template.syncSend(`${topic}:t`, message('a', { KEYS: 'k1 k2', colour: 'blue', FLAG: 9 }));
      await template.syncSend(topic, [message('b1'), message('b2', { colour: 'red' })]);
      await template.syncSendOrderly(topic, 'c', 'a');
      await template.syncSend(topic, 'd', 0, 1);
      await new Promise<SendResult>((onSuccess, onException) => {
        template.asyncSend(topic, 'e', { onSuccess, onException });
      });
      await template.asyncSendOrderly(topic, 'f', 'a');
      template.sendOneWay(topic, 'g');
      template.sendOneWayOrderly(topic, 'h', 'a');
      await template.convertAndSend(topic, 'i', { colour: 'green' });
      await template.send(topic, 'j', { delay: '1s', hashKey: 'a' });
      const split = await template.sendBatch(topic, ['k'.padEnd(600), 'l'.padEnd(600)], { hashKey: 'a' });
      expect(split).toHaveLength(2);
    });
    const all = await stored(topic, 13);
    const named = new Map(all.map((one) => [String(one.body).trim(), one]));
    expect(named.size).toBe(13);
    expect(named.get('a')).toMatchObject({ tags: 't', keys: 'k1 k2' });
    expect(named.get('a')?.properties).toMatchObject({
      colour: 'blue',
      contentType: 'text/plain;charset=UTF-8',
    });
    expect(named.get('b2')?.properties).toMatchObject({ colour: 'red' });
    expect(named.get('i')?.properties).toMatchObject({ colour: 'green' });
    for (const ordered of ['c', 'f', 'h', 'j', 'k', 'l'])
      expect([ordered, named.get(ordered)?.queueId]).toEqual([ordered, QUEUE_OF_A]);
  });

  if (timers) {
    it('a Nest template: a delay that is no level waits for a timer, one is recalled', async () => {
      const topic = await caseTopic(cluster(), java(), 'template-timer');
      await withTemplate(async (template) => {
        await template.send(topic, 'later', { delay: 1500 });
        const { recallHandle = '' } = await template.send(topic, 'never', { delay: '6s', recallable: true });
        await template.recall(topic, recallHandle, { timeout: '5s' });
        await template.send(topic, 'last', { deliverAt: Date.now() + 9000 });
        const seen = await stored(topic, 2);
        expect(seen.map(({ body }) => String(body))).toEqual(['last', 'later']);
      });
    });
  } else {
    it('a Nest template: a delay that is no level is refused, as the broker would deliver it at once', async () => {
      const topic = await caseTopic(cluster(), java(), 'template-timer');
      await withTemplate(async (template) => {
        const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('1s 5s 10s 30s 1m') };
        await expect(template.send(topic, 'x', { delay: 1500 })).rejects.toMatchObject(refused);
        await expect(template.send(topic, 'x', { deliverAt: Date.now() + 999 })).rejects.toMatchObject(
          refused,
        );
        await template.send(topic, 'level', { delay: '1s' });
        expect((await stored(topic, 1)).map(({ body }) => String(body))).toEqual(['level']);
      });
    });
  }
}
