import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CheckClientRequestBody, HeartbeatData, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueBroker, settles } from '../../spec-support/queue-broker.ts';
import { ok, refused } from '../../spec-support/scripted-server.ts';
import type { MessageExt } from '../message/message.ts';
import { DefaultMQPushConsumer } from './default-mq-push-consumer.ts';
import { MessageSelector } from './message-selector.ts';

describe('a subscription by SQL92', () => {
  let broker: QueueBroker;
  let clock: ManualClock;
  let consumer: DefaultMQPushConsumer;
  let got: MessageExt[];

  beforeEach(async () => {
    broker = await QueueBroker.start();
    clock = new ManualClock(1_000);
    got = [];
    consumer = new DefaultMQPushConsumer({
      group: 'g',
      nameServer: broker.nameServer?.address ?? '',
      clock,
    });
    consumer.onMessage((messages) => void got.push(...messages));
  });

  afterEach(async () => {
    await consumer.shutdown({ drainMs: 0 });
    await broker.close();
  });

  it('is checked by the broker, told to it, and pulled by', async () => {
    broker.server.on(46, (request) => ok(request));
    broker.append({ TAGS: 'any' });
    consumer.subscribe('T', MessageSelector.bySql('a > 5'));
    await consumer.start();
    await settles(() => got.length === 1);
    const expected = { topic: 'T', subString: 'a > 5', expressionType: 'SQL92', tagsSet: [], codeSet: [] };
    const [check, ...others] = broker.server.of(46);
    expect(others).toEqual([]);
    expect(CheckClientRequestBody.decode(check?.body ?? Buffer.alloc(0))).toMatchObject({
      clientId: consumer.clientId,
      group: 'g',
      subscriptionData: { ...expected, subVersion: 1_000 },
    });
    const [beat] = broker.server.of(34);
    const { consumerDataSet } = HeartbeatData.decode(beat?.body ?? Buffer.alloc(0));
    expect(consumerDataSet[0]?.subscriptionDataSet).toContainEqual(expect.objectContaining(expected));
    expect(broker.pulls[0]?.get('expressionType')).toBe('SQL92');
  });

  it.each([
    [ResponseCode.SUBSCRIPTION_PARSE_FAILED, 'wrong at column 3', 'Check the subscription expression'],
    [ResponseCode.SYSTEM_ERROR, 'not supported', 'it needs enablePropertyFilter=true'],
  ])(
    'that a broker refuses with %i fails the start, and can be tried again',
    async (code, remark, advice) => {
      broker.server.on(46, (request) => refused(request, code, remark));
      consumer.subscribe('T', MessageSelector.bySql('a >'));
      const failed = consumer.start();
      await expect(failed).rejects.toMatchObject({ code: 'REMOTE', responseCode: code, remark });
      await expect(failed).rejects.toThrow(advice);
      await expect(failed).rejects.toThrow('SQL92 subscription of group g to topic T');
      expect(broker.server.of(34)).toEqual([]);
      broker.server.on(46, (request) => ok(request));
      await consumer.start();
      await settles(() => broker.pulls.length > 0);
    },
  );

  it('is not checked when it is by tags, nor where the topic has no route', async () => {
    consumer.subscribe('T', MessageSelector.byTag('a || b'));
    consumer.subscribe('Later', MessageSelector.bySql('a > 5'));
    await consumer.start();
    expect(broker.server.of(46)).toEqual([]);
  });

  it('starts unchecked when the broker does not answer', async () => {
    broker.server.on(46, () => undefined);
    consumer.subscribe('T', MessageSelector.bySql('a > 5'));
    const started = consumer.start();
    await settles(
      () => broker.pulls.length > 0,
      () => clock.advance(100),
    );
    await started;
    expect(broker.server.of(46)).toHaveLength(1);
  });

  it('must say something', () => {
    expect(() => consumer.subscribe('T', MessageSelector.bySql(''))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', responseCode: 23 }),
    );
  });
});
