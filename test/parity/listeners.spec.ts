import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  BatchContext,
  Context,
  DropMessage,
  Payload,
  RejectMessage,
  RocketMQMessageListener,
  RocketMQRegistry,
  RocketMQTransactionListener,
  type ListenerAttributes,
  type MessageContext,
  type MessageConverter,
  type TransactionListenerAttributes,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from '../integration/client-cluster.ts';
import { Applications, freshName, listenerClass, type OnMessage } from './listening.ts';

/** The attributes of rocketmq-spring's `@RocketMQMessageListener`, each with what it is here. */
const SPRING = {
  consumerGroup: 'consumerGroup',
  topic: 'topic',
  selectorType: 'selectorType',
  selectorExpression: 'selectorExpression',
  consumeMode: 'consumeMode',
  messageModel: 'messageModel',
  consumeThreadMax: 'concurrency',
  consumeThreadNumber: 'concurrency',
  maxReconsumeTimes: 'maxReconsumeTimes',
  consumeTimeout: 'consumeTimeout',
  replyTimeout: 'replyTimeout',
  accessKey: 'accessKey',
  secretKey: 'secretKey',
  enableMsgTrace: 'enableMsgTrace',
  customizedTraceTopic: 'customizedTraceTopic',
  nameServer: 'nameServer',
  accessChannel: 'accessChannel',
  tlsEnable: 'tls',
  namespace: 'namespace',
  namespaceV2: 'namespaceV2',
  delayLevelWhenNextConsume: 'delayLevelWhenNextConsume',
  suspendCurrentQueueTimeMillis: 'suspendCurrentQueueTime',
  awaitTerminationMillisWhenShutdown: 'drain',
  instanceName: 'instanceName',
  pullInterval: 'pullInterval',
  pullBatchSize: 'pullBatchSize',
  consumeMessageBatchMaxSize: 'batch',
  consumeFromWhere: 'consumeFromWhere',
} as const;

/** Those that are ours alone. */
const OURS = [
  'tags',
  'payload',
  'converter',
  'schema',
  'onInvalidPayload',
  'onLastAttempt',
  'rateLimit',
  'lanes',
  'enabled',
  'connection',
  'autoStart',
] as const;

const exercised = new Set<string>();

/** By their text. */
function inOrder<T>(values: readonly T[]): T[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe('every attribute of @RocketMQMessageListener', () => {
  let cluster: TestCluster;
  let apps: Applications;
  let admin: MQAdmin;
  let topic: string;
  let group: string;
  /** Payloads that came, in order. */
  let seen: unknown[];

  beforeAll(async () => {
    cluster = await TestCluster.start({ broker: { enablePropertyFilter: true, traceTopicEnable: true } });
    apps = new Applications(cluster);
    admin = new MQAdmin({ nameServer: cluster.nameServer });
    await admin.start();
  });

  beforeEach(async () => {
    // A test's title begins with the attributes that it exercises.
    const [, attributes = ''] =
      /@RocketMQMessageListener (.*?):/.exec(expect.getState().currentTestName ?? '') ?? [];
    for (const attribute of attributes.split(', ')) if (attribute !== '') exercised.add(attribute);
    topic = freshName('parity');
    group = freshName('group');
    seen = [];
    await cluster.createTopic(topic);
  });

  afterEach(() => apps.close());

  afterAll(async () => {
    await admin.shutdown();
    await cluster.stop();
  });

  /** The group as its broker knows it, once it has so many members. */
  async function members(count: number) {
    // The broker makes the group's retry topic, by which it is found, when it hears of its first member.
    await eventually(async () => (await admin.topicList()).includes(`%RETRY%${group}`));
    await eventually(async () => [...(await admin.consumerConnection(group)).connectionSet].length === count);
    return admin.consumerConnection(group);
  }

  const listen = (
    attributes: ListenerAttributes,
    onMessage: OnMessage = () => undefined,
    options: Parameters<Applications['start']>[1] = {},
  ) =>
    apps.start(
      [
        listenerClass({ consumerGroup: group, topic, ...attributes }, (payload, context) => {
          seen.push(payload);
          return onMessage(payload, context);
        }),
      ],
      options,
    );

  /** What came, once it is so many payloads, in the order of their text. */
  async function came(count: number, payloads: readonly unknown[] = seen): Promise<unknown[]> {
    await eventually(() => payloads.length >= count);
    return inOrder(payloads);
  }

  it('consumerGroup, topic: each group gets each message of its topic once', async () => {
    const { template } = await listen({});
    const others: unknown[] = [];
    const other = listenerClass(
      { consumerGroup: freshName('group'), topic },
      (payload) => void others.push(payload),
    );
    await apps.start([other]);
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
    expect(await came(1, others)).toEqual(['a']);
  });

  it('selectorType, selectorExpression: conditions on properties', async () => {
    const { template } = await listen({ selectorType: 'SQL92', selectorExpression: 'price > 5' });
    await template.send(topic, 'cheap', { headers: { price: 3 } });
    await template.send(topic, 'dear', { headers: { price: 7 } });
    expect(await came(1)).toEqual(['dear']);
  });

  it('tags, selectorExpression: tags, as an array or as an expression', async () => {
    const { template } = await listen({ tags: ['a', 'b'] });
    const others: unknown[] = [];
    const other = listenerClass(
      { consumerGroup: freshName('group'), topic, selectorType: 'TAG', selectorExpression: 'b || c' },
      (payload) => void others.push(payload),
    );
    await apps.start([other]);
    for (const tag of ['a', 'b', 'c']) await template.send(`${topic}:${tag}`, tag);
    expect(await came(2)).toEqual(['a', 'b']);
    expect(await came(2, others)).toEqual(['b', 'c']);
  });

  it('consumeMode, suspendCurrentQueueTime: in the order of the queue, failures tried again in their place after a moment', async () => {
    const { template } = await listen(
      { consumeMode: 'ORDERLY', suspendCurrentQueueTime: '10ms' },
      (payload, { attempt }) => {
        if (payload === 'b' && attempt < 3) throw new Error('not yet');
      },
    );
    for (const payload of ['a', 'b', 'c']) await template.send(topic, payload, { hashKey: 'k' });
    await eventually(() => seen.length === 5);
    expect(seen).toEqual(['a', 'b', 'b', 'b', 'c']);
  });

  it('messageModel, instanceName: to all members, each a client of its own name', async () => {
    const home = process.env['HOME'];
    process.env['HOME'] = mkdtempSync(join(tmpdir(), 'offsets-'));
    try {
      const names = [freshName('one'), freshName('two')];
      const [first] = await Promise.all(
        names.map((instanceName) => listen({ messageModel: 'BROADCASTING', instanceName })),
      );
      const { connectionSet } = await members(2);
      const ids = [...connectionSet].map(({ clientId }) => clientId.split('@')[1]);
      expect(inOrder(ids)).toEqual(inOrder(names));
      await first?.template.send(topic, 'to all');
      expect(await came(2)).toEqual(['to all', 'to all']);
      await apps.close();
    } finally {
      rmSync(process.env['HOME'] ?? '', { recursive: true });
      if (home === undefined) delete process.env['HOME'];
      else process.env['HOME'] = home;
    }
  });

  it('concurrency: so many handlers at the same time, and no more', async () => {
    let running = 0;
    let most = 0;
    const { template, app } = await listen({ concurrency: 3 }, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    });
    await template.sendBatch(
      topic,
      Array.from({ length: 20 }, (_, i) => i),
    );
    await eventually(() => seen.length === 20);
    expect(most).toBe(3);
    app.get(RocketMQRegistry).resize(group, 6);
    await template.sendBatch(
      topic,
      Array.from({ length: 40 }, (_, i) => i),
    );
    await eventually(() => seen.length === 60);
    expect(most).toBe(6);
  });

  it('maxReconsumeTimes: to the dead letters after so many retries', async () => {
    const { template } = await listen({ maxReconsumeTimes: 1 }, () => {
      throw new Error('never');
    });
    await template.send(topic, 'a');
    await eventually(async () => {
      await cluster.advance('10s');
      return (await cluster.deadLetters(group)).length === 1;
    });
    expect(seen).toEqual(['a', 'a']);
  });

  it('delayLevelWhenNextConsume: always that delay, or the dead letters at once', async () => {
    const { template } = await listen({ delayLevelWhenNextConsume: -1 }, () => {
      throw new Error('never');
    });
    await template.send(topic, 'a');
    await eventually(async () => (await cluster.deadLetters(group)).length === 1);
    expect(seen).toEqual(['a']);
  });

  it('consumeTimeout: a handler that does not end has failed', async () => {
    const { template } = await listen({ consumeTimeout: '100ms' }, (_payload, { attempt }) =>
      attempt === 1 ? new Promise(() => undefined) : undefined,
    );
    await template.send(topic, 'a');
    await eventually(async () => {
      await cluster.advance('10s');
      return seen.length === 2;
    });
    expect(seen).toEqual(['a', 'a']);
  });

  it('replyTimeout: what is returned is sent to the requester within it', async () => {
    const { template } = await listen({ replyTimeout: '2s' }, (payload) => `re: ${String(payload)}`);
    await expect(template.sendAndReceive(topic, 'a', { timeout: '10s' })).resolves.toBe('re: a');
  });

  it('enableMsgTrace, customizedTraceTopic: a trace of each message, in a topic of its own', async () => {
    const customizedTraceTopic = freshName('trace');
    await cluster.createTopic(customizedTraceTopic);
    const { template, app } = await listen({ enableMsgTrace: true, customizedTraceTopic });
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
    await app.get(RocketMQRegistry).stop(group);
    await eventually(async () =>
      (await cluster.messages(customizedTraceTopic)).some(({ body }) => body.includes('SubAfter')),
    );
  });

  it('nameServer: another cluster than that of the connection', async () => {
    const other = await TestCluster.start({ topics: [topic] });
    const there = new Applications(other);
    try {
      await listen({ nameServer: other.nameServer });
      const { template } = await there.start([]);
      await template.send(topic, 'from there');
      expect(await came(1)).toEqual(['from there']);
    } finally {
      await apps.close();
      await there.close();
      await other.stop();
    }
  });

  it('accessChannel: LOCAL; CLOUD is refused', async () => {
    const { template } = await listen({ accessChannel: 'LOCAL' });
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
    await expect(listen({ accessChannel: 'CLOUD' })).rejects.toThrow(
      "accessChannel: 'LOCAL' is the only one",
    );
  });

  it('namespace: topics and groups of the same name apart', async () => {
    await listen({ namespace: 'east' });
    const { template: outside } = await apps.start([]);
    const { template: inside } = await apps.start([], { namespace: 'east' });
    await outside.send(topic, 'outside');
    await inside.send(topic, 'inside');
    expect(await came(1)).toEqual(['inside']);
  });

  it('namespaceV2: told in a field of every request', async () => {
    const { template } = await listen({ namespaceV2: 'east' });
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
  });

  it('drain: so long may handlers go on when their group stops', async () => {
    let end: () => void = () => undefined;
    const { template, app } = await listen(
      { drain: '10ms' },
      () => new Promise<void>((resolve) => (end = resolve)),
    );
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
    const registry = app.get(RocketMQRegistry);
    await registry.stop(group);
    end();
    // It was not waited for, so it is not done.
    await registry.start(group);
    expect(await came(2)).toEqual(['a', 'a']);
    end();
  });

  it('pullInterval, pullBatchSize: so many messages a pull, and a pause between two', async () => {
    const { template } = await apps.start([]);
    for (let i = 0; i < 5; i++) await template.send(topic, i, { queue: 0 });
    const times: number[] = [];
    await listen({ pullBatchSize: 1, pullInterval: 40 }, () => void times.push(performance.now()));
    await eventually(() => seen.length === 5);
    expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(4 * 35);
  });

  it('consumeFromWhere: where a new group begins', async () => {
    const { template } = await apps.start([]);
    await template.send(topic, 'before');
    await listen({ consumeFromWhere: 'CONSUME_FROM_TIMESTAMP', consumeTimestamp: '20200101000000' });
    expect(await came(1)).toEqual(['before']);
    expect((await members(1)).consumeFromWhere).toBe('CONSUME_FROM_TIMESTAMP');
  });

  it('batch: several in a call, of which single ones fail', async () => {
    const sizes: number[] = [];

    @Injectable()
    class Batches {
      @RocketMQMessageListener({
        consumerGroup: group,
        topic,
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        batch: { size: '${BATCH_SIZE:5}', wait: '50ms' },
        delayLevelWhenNextConsume: 1,
      })
      take(@Payload() payloads: number[], @Context() batch: BatchContext) {
        sizes.push(payloads.length);
        for (const [i, payload] of payloads.entries()) {
          if (payload === 3 && batch.messages[i]?.reconsumeTimes === 0) batch.retry(i);
          else if (payload === 4) batch.reject(i, 'four');
          else seen.push(payload);
        }
      }
    }
    const { template } = await apps.start([Batches]);
    await template.sendBatch(topic, [0, 1, 2, 3, 4, 5, 6]);
    await eventually(() => seen.length === 5);
    await eventually(async () => {
      await cluster.advance('1s');
      return seen.includes(3);
    });
    expect(inOrder(seen)).toEqual([0, 1, 2, 3, 5, 6]);
    expect(Math.max(...sizes)).toBe(5);
    await eventually(async () => (await cluster.deadLetters(group)).length > 0);
    const [dead] = await cluster.deadLetters(group);
    expect(dead?.properties.get('REJECT_REASON')).toBe('four');
  });

  it('payload: what the body is', async () => {
    const { template } = await listen({ payload: 'text' });
    await template.send(topic, { a: 1 });
    expect(await came(1)).toEqual(['{"a":1}']);
  });

  it('converter: a body of its own kind', async () => {
    const converter: MessageConverter = {
      toBody: () => ({ body: Buffer.alloc(0) }),
      fromBody: (body) => body.toString().split('').toReversed().join(''),
    };
    const { template } = await listen({ converter });
    await template.send(topic, 'abc');
    expect(await came(1)).toEqual(['cba']);
  });

  it('schema, onInvalidPayload: what is not valid is a dead letter, with the reason; or dropped', async () => {
    const schema = z.object({ sku: z.string(), count: z.coerce.number() });
    const { template } = await listen({ schema });
    const dropped: unknown[] = [];
    const dropping = listenerClass(
      { consumerGroup: freshName('group'), topic, schema, onInvalidPayload: 'DROP' },
      (payload) => void dropped.push(payload),
    );
    await apps.start([dropping]);
    await template.send(topic, { sku: 7, count: 1 });
    await template.send(topic, { sku: 'A', count: '2' });
    await template.send(topic, Buffer.from('{'), { headers: { contentType: 'application/json' } });
    expect(await came(1)).toEqual([{ sku: 'A', count: 2 }]);
    await eventually(async () => (await cluster.deadLetters(group)).length === 2);
    const reasons = (await cluster.deadLetters(group)).map(({ properties }) =>
      properties.get('REJECT_REASON'),
    );
    expect(inOrder(reasons)).toEqual([
      expect.stringContaining("can't be read"),
      expect.stringContaining('is not valid: sku: '),
    ]);
    await eventually(() => dropped.length === 1);
  });

  it('onLastAttempt: is told of what becomes a dead letter, and can keep it from there', async () => {
    const told = new Map<unknown, string>();

    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: group,
      topic,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      onLastAttempt: 'giveUp',
    })
    class Listener {
      onMessage(payload: unknown) {
        throw new RejectMessage(`no ${String(payload)}`);
      }

      giveUp(payload: unknown, { error }: MessageContext) {
        told.set(payload, (error as Error).message);
        if (payload === 'drop') throw new DropMessage('kept elsewhere');
      }
    }
    const { template } = await apps.start([Listener]);
    await template.send(topic, 'drop');
    await template.send(topic, 'dead');
    // Where a dead letter can't be sent yet, its message is handled once more.
    await eventually(async () => (await cluster.deadLetters(group)).length === 1 && told.size === 2);
    expect(Object.fromEntries(told)).toEqual({ dead: 'no dead', drop: 'no drop' });
    expect((await cluster.deadLetters(group)).map(({ body }) => body.toString())).toEqual(['dead']);
  });

  it('rateLimit: no more than so many in a time', async () => {
    const times: number[] = [];
    const { template } = await listen({ rateLimit: '20/s' }, () => void times.push(performance.now()));
    await template.sendBatch(topic, [1, 2, 3, 4, 5, 6]);
    await eventually(() => times.length === 6);
    expect((times[5] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(5 * 50 - 20);
  });

  it('lanes: in order within a key, in parallel across keys', async () => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const { template } = await listen({ lanes: 'user' }, async (payload) => {
      if (payload === 'a1') await new Promise<void>((resolve) => (release = resolve));
      order.push(String(payload));
    });
    for (const payload of ['a1', 'a2', 'b1', 'b2'])
      await template.send(topic, payload, { queue: 0, headers: { user: payload[0] ?? '' } });
    await eventually(() => order.length === 2 && seen.length === 3);
    expect(order).toEqual(['b1', 'b2']);
    release();
    await eventually(() => order.length === 4);
    expect(order).toEqual(['b1', 'b2', 'a1', 'a2']);
  });

  it('enabled, autoStart: not at all, or when it is started', async () => {
    const off = listenerClass({ consumerGroup: group, topic, enabled: false }, () => void seen.push('off'));
    const later = listenerClass(
      { consumerGroup: group, topic, autoStart: false },
      (payload) => void seen.push(payload),
    );
    const { template, app } = await apps.start([off, later]);
    await template.send(topic, 'a');
    const registry = app.get(RocketMQRegistry);
    expect(registry.list().map(({ state }) => state)).toEqual(['stopped']);
    await registry.start(group);
    expect(await came(1)).toEqual(['a']);
  });

  it('connection: the cluster of a named module', async () => {
    await expect(listen({ connection: 'analytics' })).rejects.toThrow("there is no connection 'analytics'");
    const { template } = await listen({ connection: 'default' });
    await template.send(topic, 'a');
    expect(await came(1)).toEqual(['a']);
  });

  // Exercised on a cluster with access control, which is a file of its own.
  for (const name of ['accessKey', 'secretKey', 'tls']) exercised.add(name);

  it('leaves none out', () => {
    expect(exercised).toEqual(new Set<string>([...Object.values(SPRING), ...OURS]));
  });

  it.each(Object.entries(SPRING).filter(([theirs, ours]) => theirs !== ours))(
    '%s is refused at boot, with what it is here',
    async (theirs, ours) => {
      const attributes = { consumerGroup: 'g', topic: 't', [theirs]: 1 } as ListenerAttributes;
      const started = apps.start([listenerClass(attributes, () => undefined)]);
      await expect(started).rejects.toThrow(`unknown attribute ${theirs}: it`);
      await expect(started).rejects.toThrow(ours);
    },
  );
});

describe('the attributes of @RocketMQTransactionListener', () => {
  it.each([
    ['corePoolSize', 'producer.checkConcurrency'],
    ['maximumPoolSize', 'producer.checkConcurrency'],
    ['keepAliveTime', 'there is no pool of threads'],
    ['keepAliveTimeUnit', 'there is no pool of threads'],
    ['blockingQueueSize', 'producer.checkRequestHoldMax'],
    ['rocketMQTemplateBeanName', 'it is connection'],
  ])('%s is refused at boot, and it is said why', async (name, words) => {
    @RocketMQTransactionListener({ [name]: 1 } as TransactionListenerAttributes)
    class Transactions {
      checkLocalTransaction() {
        return 'COMMIT' as const;
      }
    }
    const cluster = await TestCluster.start();
    try {
      await expect(new Applications(cluster).start([Transactions])).rejects.toThrow(words);
    } finally {
      await cluster.stop();
    }
  });
});
