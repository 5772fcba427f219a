import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MQAdmin } from '@nest-rocketmq/client';
import {
  message,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type MessageContext,
  type MessageExt,
  type RocketMQLocalTransactionState,
} from 'nest-rocketmq';
import { TRANSACTION_TIMES } from './cases/transactions.ts';
import { officialBroker, officialNameServer } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { PATIENT } from './harness/patient.ts';
import { Resources } from './harness/resources.ts';
import { SpringApp } from './harness/spring-app.ts';
import { interopSuite } from './harness/suite.ts';
import { PATIENCE_MS, until } from './harness/until.ts';

/** Six, by which a hash below zero tells apart how Java's selector makes it positive. */
const QUEUES = 6;
/** Where Java's `String.hashCode` puts keys, of six queues. */
const PLACES = { a: 1, 'user-1001': 4, 'customer-17': 5, 订单: 1, polygenelubricants: 2 };

const TOPICS = { raw: 'to-spring', orders: 'orders', texts: 'texts', quotes: 'spring-quotes' };
const OURS = ['to-nest', 'nest-quotes', 'pay'];

interface SpringRaw {
  body: string;
  tags: string;
  keys: string;
  flag: number;
  queueId: number;
  properties: Record<string, string>;
}

interface Sent {
  queueId: number;
  msgId: string;
}

interface Heard {
  payload: unknown;
  context: MessageContext;
}

const FROM_FIRST = 'CONSUME_FROM_FIRST_OFFSET';

@Injectable()
class Listener {
  readonly heard: Heard[] = [];

  @RocketMQMessageListener({ consumerGroup: 'to-nest-nest', topic: 'to-nest', consumeFromWhere: FROM_FIRST })
  take(payload: unknown, context: MessageContext): void {
    this.heard.push({ payload, context });
  }

  @RocketMQMessageListener({
    consumerGroup: 'quotes-nest',
    topic: 'nest-quotes',
    consumeFromWhere: FROM_FIRST,
  })
  quote(question: { sku: string }): { sku: string; price: number } {
    return { ...question, price: question.sku.length };
  }
}

@Injectable()
@RocketMQTransactionListener({ topic: TOPICS.raw })
class Transactions {
  readonly checked: string[] = [];

  executeLocalTransaction(_message: unknown, state: unknown): RocketMQLocalTransactionState {
    return state as RocketMQLocalTransactionState;
  }

  checkLocalTransaction(asked: MessageExt): RocketMQLocalTransactionState {
    this.checked.push(asked.keys[0] ?? '');
    return 'COMMIT';
  }
}

const servers = {
  'our NameServer and broker': {
    sets: [] as const,
    nameServer: ourNameServer,
    broker: ourBroker,
  },
  "Apache's 5.5.0": {
    sets: ['server-5.5.0'] as const,
    nameServer: () => officialNameServer('5.5.0'),
    broker: (...rest: Parameters<typeof ourBroker>) => officialBroker('5.5.0', ...rest),
  },
};

for (const [name, { sets, nameServer, broker }] of Object.entries(servers)) {
  interopSuite(
    `A Spring Boot application and a Nest application on ${name}`,
    ['spring-2.3.5', ...sets],
    () => {
      const resources = new Resources();
      let spring: SpringApp;
      let nest: TestingModule;
      let template: RocketMQTemplate;
      let listener: Listener;

      beforeAll(async () => {
        const { address } = resources.add(await nameServer(), (it) => it.kill());
        resources.add(await broker(address, resources.directory('store'), TRANSACTION_TIMES), (it) =>
          it.kill(),
        );
        const admin = resources.add(new MQAdmin({ nameServer: address, ...PATIENT }), (it) => it.shutdown());
        await admin.start();
        for (const topic of [...Object.values(TOPICS), ...OURS]) {
          const nums = { readQueueNums: QUEUES, writeQueueNums: QUEUES };
          await until(`${topic} is there`, () => admin.createTopic({ topic, ...nums }).then(() => true));
          await until(
            `${topic} has its queues`,
            async () => (await admin.topicQueues(topic)).length === QUEUES,
          );
        }
        spring = resources.add(await SpringApp.start(address, 'spring-service', TOPICS), (it) => it.close());
        const module = await Test.createTestingModule({
          imports: [RocketMQModule.forRoot({ nameServer: address, producer: { group: 'nest-service' } })],
          providers: [Listener, Transactions],
        }).compile();
        module.useLogger(false);
        nest = resources.add(await module.init(), (it) => it.close());
        template = nest.get(RocketMQTemplate);
        listener = nest.get(Listener);
      });

      /** What the Nest listener heard with a key. */
      const heardWith = (key: string): Promise<Heard> =>
        until(`the Nest listener heard ${key}`, () =>
          listener.heard.find(({ context }) => context.keys[0] === key),
        );

      /** What the Spring listener heard with a key. */
      const rawWith = (key: string): Promise<SpringRaw> =>
        until(`the Spring listener heard ${key}`, async () =>
          (await spring.heard<SpringRaw>('raw', 0)).find(({ keys }) => keys === key),
        );

      describe('from Nest to Spring', () => {
        it('the message: body, tag, keys, flag, headers and content type', async () => {
          const headers = { colour: 'blue', FLAG: 9, count: 5, sure: true };
          await template.send('to-spring:a', message({ id: 1, name: '订单 café' }, headers), {
            keys: ['k1', 'k2'],
          });
          const raw = await rawWith('k1 k2');
          expect(raw).toMatchObject({ body: '{"id":1,"name":"订单 café"}', tags: 'a', flag: 9 });
          expect(raw.properties).toMatchObject({
            colour: 'blue',
            count: '5',
            sure: 'true',
            contentType: 'application/json',
            WAIT: 'true',
          });
        });

        it('a payload as the class that the listener declares', async () => {
          const order = { id: 7, name: 'café 🚀' };
          await template.send('orders', order);
          expect(await spring.heard('orders', 1)).toEqual([order]);
        });

        it('text, a batch, and a delay', async () => {
          await template.send('texts', '订单');
          await template.sendBatch('texts', ['b1', 'b2']);
          await template.send('texts', 'later', { delay: '1s' });
          const texts = await spring.heard<string>('texts', 4);
          expect(texts.toSorted()).toEqual(['b1', 'b2', 'later', '订单'].toSorted());
        });

        it('a request: the reply of the Spring listener', async () => {
          const options = { timeout: '60s', hashKey: 'a' } as const;
          expect(await template.sendAndReceive('spring-quotes', { sku: 'abc' }, options)).toEqual({
            sku: 'abc',
            price: 3,
          });
        });

        it.each(['COMMIT', 'ROLLBACK', 'UNKNOWN'] as const)('a transaction: %s', async (state) => {
          const key = `nest-${state}`;
          await template.sendMessageInTransaction('to-spring:b', 'in a transaction', {
            keys: key,
            arg: state,
          });
          await template.send('to-spring:b', 'after it', { keys: `after-${key}` });
          await rawWith(`after-${key}`);
          if (state !== 'ROLLBACK') await rawWith(key);
          const came = (await spring.heard<SpringRaw>('raw', 0)).filter(({ keys }) => keys === key);
          const once = [{ body: 'in a transaction', tags: 'b' }];
          expect(came).toMatchObject(state === 'ROLLBACK' ? [] : once);
          expect(nest.get(Transactions).checked.includes(key)).toBe(state === 'UNKNOWN');
        });
      });

      describe('from Spring to Nest', () => {
        it('the message: payload, tag, keys, headers and content type', async () => {
          const headers = { KEYS: 'spring-1 more', colour: 'blue' };
          const payload = { id: 1, name: '订单 🚀' };
          const sent = await spring.call<Sent>('syncSend', { destination: 'to-nest:tag', payload, headers });
          const heard = await heardWith('spring-1');
          expect(heard.payload).toEqual(payload);
          const { tag, keys, msgId, attempt } = heard.context;
          expect({ tag, keys, msgId, attempt }).toEqual({
            tag: 'tag',
            keys: ['spring-1', 'more'],
            msgId: sent.msgId,
            attempt: 1,
          });
          expect(Object.fromEntries(heard.context.headers)).toMatchObject({
            colour: 'blue',
            contentType: 'application/json',
            id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          });
        });

        it('text, a batch, and a timer', async () => {
          const texts = () =>
            listener.heard.map(({ payload }) => payload).filter((one) => typeof one === 'string');
          await spring.call('syncSend', { destination: 'to-nest', payload: 'text 订单' });
          await spring.call('syncSendBatch', { destination: 'to-nest', payload: ['b1', 'b2'] });
          await spring.call('syncSendDelayTimeSeconds', { destination: 'to-nest', payload: 'later' });
          await until('all came', () => texts().length >= 4, PATIENCE_MS, texts);
          expect(texts().toSorted()).toEqual(['b1', 'b2', 'later', 'text 订单'].toSorted());
        });

        it('a request: the reply of the Nest listener', async () => {
          const request = { destination: 'nest-quotes', payload: { sku: 'abcd' }, hashKey: 'a' };
          expect(await spring.call('sendAndReceive', request)).toEqual({ sku: 'abcd', price: 4 });
        });

        it.each(['COMMIT', 'ROLLBACK', 'UNKNOWN'] as const)('a transaction: %s', async (state) => {
          const key = `spring-${state}`;
          const pay = { destination: 'to-nest:pay', payload: { state }, headers: { KEYS: key }, arg: state };
          const ended = await spring.call<string>('sendMessageInTransaction', pay);
          expect(ended).toBe(`${state}_MESSAGE`.replace('UNKNOWN_MESSAGE', 'UNKNOW'));
          await spring.call('syncSend', {
            destination: 'to-nest',
            payload: 0,
            headers: { KEYS: `after-${key}` },
          });
          await heardWith(`after-${key}`);
          if (state !== 'ROLLBACK') await heardWith(key);
          const came = listener.heard.filter(({ context }) => context.keys[0] === key);
          expect(came.map(({ payload }) => payload)).toEqual(state === 'ROLLBACK' ? [] : [{ state }]);
          const checked = await spring.heard('checked', state === 'UNKNOWN' ? 1 : 0);
          expect(checked.includes(key)).toBe(state === 'UNKNOWN');
        });
      });

      it.each(Object.entries(PLACES))(
        'the hash key %s goes to the same queue, %i, from both',
        async (hashKey, place) => {
          const { messageQueue } = await template.send('to-nest', 'nest', { hashKey });
          const { queueId } = await spring.call<Sent>('syncSendOrderly', {
            destination: 'to-nest',
            payload: { from: 'spring' },
            hashKey,
          });
          expect([messageQueue.queueId, queueId]).toEqual([place, place]);
        },
      );
    },
  );
}
