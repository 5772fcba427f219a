import { Injectable } from '@nestjs/common';
import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import {
  ConsumeMode,
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  type RocketMQListener,
} from '../index.ts';

describe('a class that listens in order', () => {
  let started: StartedApp;
  let failure: unknown;

  @Injectable()
  @RocketMQMessageListener({
    consumerGroup: 'stock',
    topic: 'order',
    consumeMode: ConsumeMode.ORDERLY,
    suspendCurrentQueueTime: '2s',
    maxReconsumeTimes: 3,
  })
  class StockListener implements RocketMQListener<unknown> {
    onMessage(): void {
      if (failure !== undefined) throw failure;
    }
  }

  beforeEach(async () => {
    failure = undefined;
    started = await startApp({ providers: [StockListener] });
  });

  afterEach(async () => started.app.close());

  const consumer = () => started.clients.consumerOf('stock');

  it('has a consumer in order, with its settings', () => {
    expect(consumer().options).toMatchObject({ suspendCurrentQueueTimeMillis: 2000, maxReconsumeTimes: 3 });
    expect(consumer().options).not.toHaveProperty('consumeMode');
  });

  it('is done with a message when it returns', async () => {
    expect(await consumer().deliverInOrder(received({}))).toBe('done');
  });

  it('has its queue wait when it fails, as its group says or as long as it asks for', async () => {
    failure = new Error('not now');
    expect(await consumer().deliverInOrder(received({}))).toEqual({ suspendMs: -1 });
    failure = new RetryLater('5s');
    expect(await consumer().deliverInOrder(received({}))).toEqual({ suspendMs: 5000 });
    failure = new RetryLater({ level: 3 });
    expect(await consumer().deliverInOrder(received({}))).toEqual({ suspendMs: 10_000 });
  });

  it('puts a message to the dead letters when it rejects it, or was tried often enough', async () => {
    failure = new RejectMessage('no such order');
    expect(await consumer().deliverInOrder(received({}))).toEqual({
      rejected: { REJECT_REASON: 'no such order', REJECTED_BY: 'StockListener.onMessage' },
    });
    failure = new Error('never');
    expect(await consumer().deliverInOrder(received({ reconsumeTimes: 2 }))).toEqual({ suspendMs: -1 });
    expect(await consumer().deliverInOrder(received({ reconsumeTimes: 3 }))).toMatchObject({
      rejected: { REJECT_REASON: 'never' },
    });
  });
});

describe('consumeMode', () => {
  it('ORDERLY stops the boot together with BROADCASTING', async () => {
    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: 'stock',
      topic: 'order',
      consumeMode: 'ORDERLY',
      messageModel: 'BROADCASTING',
    })
    class Both implements RocketMQListener<unknown> {
      onMessage(): void {}
    }
    await expect(startApp({ providers: [Both] })).rejects.toThrow(/ORDERLY and messageModel BROADCASTING/);
  });

  it('is one of a group', async () => {
    @Injectable()
    @RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order' })
    class Torn {
      @RocketMQMessageListener({ tags: 'a', consumeMode: 'ORDERLY' })
      ordered(@Payload() _payload: unknown): void {}

      @RocketMQMessageListener({ tags: 'b', consumeMode: 'CONCURRENTLY' })
      concurrent(@Payload() _payload: unknown): void {}
    }
    await expect(startApp({ providers: [Torn] })).rejects.toThrow(
      /contradict each other: consumeMode is ORDERLY and CONCURRENTLY/,
    );
  });
});
