import { Injectable } from '@nestjs/common';
import { received } from '../test/fake-clients.ts';
import { startApp, type StartedApp } from '../test/start-app.ts';
import {
  message,
  Payload,
  RocketMQMessageListener,
  RocketMQTemplate,
  type MessageExt,
  type Request,
} from './index.ts';

interface ShopEvents {
  'price:quote': Request<{ sku: string }, { price: number }>;
  'price:note': string;
}

let started: StartedApp;

afterEach(async () => started.app.close());

describe('a listener method that returns a value', () => {
  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'prices', topic: 'price' })
  class PriceListener {
    @RocketMQMessageListener({ tags: 'quote' })
    quote(@Payload() request: { sku: string }) {
      return { price: request.sku.length };
    }

    @RocketMQMessageListener({ tags: 'text' })
    text() {
      return message('none', { reason: 'unknown' });
    }

    @RocketMQMessageListener({ tags: 'nothing' })
    nothing() {}
  }

  beforeEach(async () => {
    started = await startApp({ providers: [PriceListener] });
  });

  const request = (tags: string): MessageExt =>
    received({
      topic: 'price',
      tags,
      body: { sku: 'abc' },
      properties: { CORRELATION_ID: 'c', REPLY_TO_CLIENT: 'x', CLUSTER: 'DefaultCluster' },
    });
  const deliver = (one: MessageExt) => started.clients.consumerOf('prices').deliver(one);

  it('replies to a request', async () => {
    const asked = request('quote');
    expect(await deliver(asked)).toBe('done');
    expect(started.clients.only.replies).toEqual([
      {
        request: asked,
        reply: { body: Buffer.from('{"price":3}'), properties: { contentType: 'application/json' } },
      },
    ]);
  });

  it('replies with headers', async () => {
    await deliver(request('text'));
    expect(started.clients.only.replies[0]?.reply).toMatchObject({
      body: Buffer.from('none'),
      properties: { reason: 'unknown' },
    });
  });

  it('replies to nothing but requests, and not when it returns nothing', async () => {
    await deliver(received({ topic: 'price', tags: 'quote', body: { sku: 'abc' } }));
    await deliver(request('nothing'));
    expect(started.clients.only.replies).toEqual([]);
  });

  it('is done with a request whose requester is gone', async () => {
    started.clients.only.failure = new Error('gone') as never;
    expect(await deliver(request('quote'))).toBe('done');
  });
});

describe('sendAndReceive', () => {
  let template: RocketMQTemplate<ShopEvents>;

  beforeEach(async () => {
    started = await startApp({ providers: [] });
    template = started.app.get(RocketMQTemplate);
  });

  const answer = (body: unknown, contentType = 'application/json'): void => {
    started.clients.only.answer = received({ body, properties: { contentType } });
  };

  it('gives what the listener returned, by its content type', async () => {
    answer({ price: 7 });
    const quote = await template.sendAndReceive(
      'price:quote',
      { sku: 'a' },
      { timeout: '2s', hashKey: 'a', keys: 'k' },
    );
    expect(quote.price).toBe(7);
    expect(started.clients.only.sent[0]).toMatchObject({
      message: { topic: 'price', tags: 'quote', keys: 'k', body: Buffer.from('{"sku":"a"}') },
      options: { timeout: 2000, arg: 'a' },
    });
  });

  it('gives the reply as it is told to', async () => {
    answer({ price: 7 });
    expect(await template.sendAndReceive('price:note', 'x', { replyType: 'text' })).toBe('{"price":7}');
    const whole = await template.sendAndReceive('price:note', 'x', { replyType: 'message' });
    expect(whole).toBe(started.clients.only.answer);
  });

  it('calls back', async () => {
    answer({ price: 7 });
    const reply = await new Promise<{ price: number }>((onSuccess, onException) =>
      template.sendAndReceive('price:quote', { sku: 'a' }, { onSuccess, onException }, { timeout: 100 }),
    );
    expect(reply.price).toBe(7);
    started.clients.only.answer = undefined;
    const failure = await new Promise((resolve) =>
      template.sendAndReceive('price:quote', { sku: 'a' }, { onSuccess: () => 0, onException: resolve }),
    );
    expect(failure).toMatchObject({ responseCode: 10_006 });
  });

  it('says that a reply can not be read', async () => {
    started.clients.only.answer = { ...received({}), body: Buffer.from('{'), properties: new Map() };
    await expect(template.sendAndReceive('price:quote', { sku: 'a' })).rejects.toMatchObject({
      code: 'PROTOCOL',
    });
  });
});
