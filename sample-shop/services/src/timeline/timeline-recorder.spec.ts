import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { consumeChannel, sendChannel, type ConsumeEvent, type SendEvent } from '@nest-rocketmq/client';
import { TimelineRecorder } from './timeline-recorder.ts';
import type { TimelineEntity } from './timeline.entity.ts';

const BODY = Buffer.from('{"orderId":"12"}');

describe('TimelineRecorder', () => {
  let recorded: TimelineEntity[];
  let recorder: TimelineRecorder;

  beforeEach(() => {
    recorded = [];
    const consumes = (group: string): boolean => group === 'goods-service';
    recorder = new TimelineRecorder({ group: 'order-service', consumes }, (event) => recorded.push(event));
    recorder.start();
  });
  afterEach(() => recorder.stop());

  const send = (message: object, more: object = {}): Promise<unknown> =>
    sendChannel.tracePromise(async () => ({ msgId: 'ID' }), {
      producerGroup: 'order-service',
      messages: [{ topic: 'orderTopic', tags: 'order_cancel', keys: '12', body: BODY, ...message }],
      ...more,
    } as unknown as SendEvent);

  const consume = (consumerGroup: string, ...outcomes: string[]): Promise<unknown> =>
    consumeChannel.tracePromise(async () => undefined, {
      consumerGroup,
      outcomes,
      messages: outcomes.map((_outcome, index) => ({
        topic: 'orderTopic',
        tags: 'order_cancel',
        keys: ['12'],
        body: BODY,
        msgId: 'ID',
        reconsumeTimes: index,
      })),
    } as unknown as ConsumeEvent);

  it('tells what was sent, and what is half of a transaction', async () => {
    await send({});
    await send({ systemProperties: { TRAN_MSG: 'true' } });
    expect(
      recorded.map(({ kind, orderId, topic, tag, key, msgId, group, attempt }) => [
        kind,
        orderId,
        topic,
        tag,
        key,
        msgId,
        group,
        attempt,
      ]),
    ).toEqual([
      ['sent', '12', 'orderTopic', 'order_cancel', '12', 'ID', 'order-service', 1],
      ['half', '12', 'orderTopic', 'order_cancel', '12', 'ID', 'order-service', 1],
    ]);
  });

  it('tells how each delivery ended', async () => {
    await consume('goods-service', 'retry', 'dead-letter', 'consumed', 'dropped');
    expect(recorded.map(({ kind, attempt, group }) => [kind, attempt, group])).toEqual([
      ['retried', 1, 'goods-service'],
      ['dead', 2, 'goods-service'],
      ['consumed', 3, 'goods-service'],
    ]);
  });

  it('tells nothing of other services in the process, of failed sends, and of messages of no order', async () => {
    await consume('coupon-service', 'consumed');
    await send({}, { producerGroup: 'pay-service' });
    await send({}, { error: new Error('no broker') });
    for (const body of ['{"orderId":12}', '{}', 'null', 'no JSON', '{"orderId":"x"}'])
      await send({ body: Buffer.from(body) });
    expect(recorded).toEqual([]);
  });

  it('tells how transactions ended', () => {
    const message = { topic: 'payTopic', tags: 'paid', keys: '7', body: BODY };
    recorder.transactionEnded({ ...message, transactionId: 'T' }, 'committed');
    expect(recorded).toMatchObject([
      { kind: 'committed', msgId: 'T', orderId: '12', key: '7', group: 'order-service' },
    ]);
  });

  it('tells nothing when it was stopped', async () => {
    recorder.stop();
    await send({});
    expect(recorded).toEqual([]);
  });
});
