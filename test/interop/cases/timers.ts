import { expect, it } from '@jest/globals';
import { decodeRecallHandle } from '@nest-rocketmq/protocol';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import type { Delay, StartTimerSender } from '../harness/timer-sender.ts';
import { caseTopic, type Cluster } from './cluster.ts';

/** Keys of broker.conf for the brokers that the cases run on. */
export const RECALLS = { recallMessageEnable: true };

/** RocketMQ delivers at the end of the second; how late a busy machine may be beside that. */
const LATE_MS = 1000 + 3000;

/** Messages with a delay level, sent by one side and consumed by both. */
export function delayLevelCases(
  cluster: () => Cluster,
  java: () => JavaClient,
  start: StartTimerSender,
): void {
  it('a message of a delay level comes when its time is over', async () => {
    const topic = await caseTopic(cluster(), java(), 'level');
    const sender = await start(cluster().nameServer);
    const theirs = await java().consumer({
      topic,
      group: `${topic}-theirs`,
      nameServer: cluster().nameServer,
    });
    const ours = await OurConsumer.start({ topic, group: `${topic}-ours`, nameServer: cluster().nameServer });
    await sender.send(topic, 'at once', { delayLevel: 0 });
    await sender.send(topic, 'after 5s', { delayLevel: 2 });
    await sender.send(topic, 'after 1s', { delayLevel: 1 });
    for (const consumer of [theirs, ours]) {
      const received = await consumer.received(3);
      const messages = [...received].toSorted((a, b) => a.storeTimestamp - b.storeTimestamp);
      expect(messages.map((message) => message.body.toString())).toEqual(['at once', 'after 1s', 'after 5s']);
      for (const { body, storeTimestamp, bornTimestamp } of messages.slice(1)) {
        const delay = body.toString() === 'after 1s' ? 1000 : 5000;
        expect(storeTimestamp - bornTimestamp).toBeGreaterThanOrEqual(delay);
        expect(storeTimestamp - bornTimestamp).toBeLessThan(delay + LATE_MS);
      }
    }
    await Promise.all([sender.stop(), theirs.stop(), ours.stop()]);
  });
}

/** Messages with a time of their own, on a broker from 5.3.2 with {@link RECALLS}. */
export function timerCases(cluster: () => Cluster, java: () => JavaClient, start: StartTimerSender): void {
  it('a message comes at its time, said as a delay or as a time', async () => {
    const topic = await caseTopic(cluster(), java(), 'timer');
    const sender = await start(cluster().nameServer);
    const theirs = await java().consumer({
      topic,
      group: `${topic}-theirs`,
      nameServer: cluster().nameServer,
    });
    const ours = await OurConsumer.start({ topic, group: `${topic}-ours`, nameServer: cluster().nameServer });
    const times: Record<string, { delay: Delay; due: number }> = {};
    const send = async (body: string, delay: Delay, ms: number): Promise<void> => {
      times[body] = { delay, due: Date.now() + ms };
      expect((await sender.send(topic, body, delay)).status).toBe('SEND_OK');
    };
    await send('in 3 s', { delayTimeSec: 3 }, 3000);
    await send('in 1500 ms', { delayTimeMs: 1500 }, 1500);
    await send('at a time', { deliverTimeMs: Date.now() + 2250 }, 2250);
    await send('in the past', { deliverTimeMs: Date.now() - 1000 }, 0);
    for (const consumer of [theirs, ours]) {
      const messages = await consumer.received(4);
      expect(consumer.bodies).toEqual(Object.keys(times).toSorted());
      for (const { body, storeTimestamp } of messages) {
        const due = times[body.toString()]?.due ?? 0;
        expect(storeTimestamp).toBeGreaterThanOrEqual(due - 1);
        expect(storeTimestamp).toBeLessThan(due + LATE_MS);
      }
    }
    const waited = theirs.messages.find((message) => message.body.toString() === 'in 1500 ms');
    expect(Object.keys(waited?.properties ?? {})).toEqual(
      expect.arrayContaining([
        'REAL_QID',
        'REAL_TOPIC',
        'TIMER_DELAY_MS',
        'TIMER_DEQUEUE_MS',
        'TIMER_ENQUEUE_MS',
        'TIMER_OUT_MS',
        'UNIQ_KEY',
      ]),
    );
    await Promise.all([sender.stop(), theirs.stop(), ours.stop()]);
  });

  it('a message that is taken back never comes', async () => {
    const topic = await caseTopic(cluster(), java(), 'recall');
    const sender = await start(cluster().nameServer);
    const consumer = await OurConsumer.start({
      topic,
      group: `${topic}-g`,
      nameServer: cluster().nameServer,
    });
    // Time to take it back in.
    const deliverTimeMs = Date.now() + 6000;
    const recalled = await sender.send(topic, 'recalled', { deliverTimeMs });
    const handle = recalled.recallHandle ?? '';
    expect(decodeRecallHandle(handle)).toMatchObject({
      topic,
      brokerName: cluster().brokerName,
      messageId: recalled.msgId,
    });
    expect(await sender.recall(topic, handle)).toBe(recalled.msgId);
    await sender.send(topic, 'same time', { deliverTimeMs });
    await sender.send(topic, 'later', { deliverTimeMs: deliverTimeMs + 1500 });
    await consumer.received(2);
    expect(consumer.bodies).toEqual(['later', 'same time']);
    await Promise.all([sender.stop(), consumer.stop()]);
  });

  it('a delay beyond the limit, and a handle that is none, are refused', async () => {
    const topic = await caseTopic(cluster(), java(), 'refused-timer');
    const sender = await start(cluster().nameServer);
    await expect(sender.send(topic, 'x', { delayTimeSec: 259_201 })).rejects.toThrow('13');
    await expect(sender.recall(topic, 'bm90aGluZw==')).rejects.toThrow('recall handle');
    await sender.stop();
  });
}
