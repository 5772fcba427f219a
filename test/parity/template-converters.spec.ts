import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  BytesMessageConverter,
  DefaultMessageConverter,
  JsonMessageConverter,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  TextMessageConverter,
  type EncodedPayload,
  type MessageConverter,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';

/** A converter of the application's own: every byte turned round. */
class Secret implements MessageConverter {
  toBody(payload: unknown): EncodedPayload {
    return {
      body: Buffer.from(String(payload)).map((byte) => byte ^ 0xff),
      contentType: 'application/secret',
    };
  }

  fromBody(body: Buffer): string {
    return Buffer.from(body.map((byte) => byte ^ 0xff)).toString();
  }
}

const FROM_FIRST = 'CONSUME_FROM_FIRST_OFFSET';

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'converted', consumeFromWhere: FROM_FIRST })
class Listener {
  readonly heard = new Map<string, unknown>();

  @RocketMQMessageListener({ topic: 'by-module' })
  module(payload: unknown): unknown {
    this.heard.set('module', payload);
    return payload;
  }

  @RocketMQMessageListener({ topic: 'by-listener', converter: new TextMessageConverter() })
  listener(payload: unknown): unknown {
    this.heard.set('listener', payload);
    return payload;
  }

  @RocketMQMessageListener({ topic: 'by-secret', converter: new Secret() })
  secret(payload: unknown): unknown {
    this.heard.set('secret', payload);
    return `re: ${String(payload)}`;
  }
}

describe('converters', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  let template: RocketMQTemplate;

  beforeAll(async () => {
    cluster = await TestCluster.start({ topics: ['by-module', 'by-listener', 'by-secret', 'by-call'] });
    const converter = new DefaultMessageConverter({ dates: true, bigints: true });
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options({ converter }))],
      providers: [Listener],
    }).compile();
    app.useLogger(false);
    await app.init();
    template = app.get(RocketMQTemplate);
  });

  afterAll(async () => {
    await app?.close();
    await cluster?.stop();
  });

  const timeout = '15s';

  it('of the module: JSON with dates and bigints, there and back', async () => {
    const payload = { at: new Date('2026-01-02T03:04:05.678Z'), id: 9_223_372_036_854_775_807n, small: 7 };
    expect(await template.sendAndReceive('by-module', payload, { timeout })).toEqual(payload);
    expect(app.get(Listener).heard.get('module')).toEqual(payload);
    const [stored] = await cluster.messages('by-module');
    expect(stored?.body.toString()).toBe(
      '{"at":"2026-01-02T03:04:05.678Z","id":9223372036854775807,"small":7}',
    );
  });

  it('of a listener, for what it gets and what it replies', async () => {
    const reply = await template.sendAndReceive('by-listener', { id: 1 }, { timeout });
    expect(app.get(Listener).heard.get('listener')).toBe('{"id":1}');
    expect(reply).toBe('{"id":1}');
  });

  it('of a call, an own one, in both directions', async () => {
    const options = { timeout, converter: new Secret() };
    expect(await template.sendAndReceive('by-secret', 'hush', options)).toBe('re: hush');
    expect(app.get(Listener).heard.get('secret')).toBe('hush');
    const [stored] = await cluster.messages('by-secret');
    expect(stored?.body.toString()).not.toContain('hush');
    expect(stored?.properties.get('contentType')).toBe('application/secret');
  });

  it('of a call: JSON, text and bytes; batches too', async () => {
    await template.send('by-call', 'text', { converter: new JsonMessageConverter() });
    await template.send('by-call', 42n, { converter: new TextMessageConverter() });
    await template.sendBatch('by-call', [Buffer.from('bytes')], { converter: new BytesMessageConverter() });
    await expect(
      template.send('by-call', 'text', { converter: new BytesMessageConverter() }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const stored = await cluster.messages('by-call');
    expect(stored.map(({ body }) => body.toString())).toEqual(['"text"', '42', 'bytes']);
    expect(stored.map(({ properties }) => properties.get('contentType'))).toEqual([
      'application/json',
      'text/plain;charset=UTF-8',
      'application/octet-stream',
    ]);
  });
});
