import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  RocketMQModule,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type MessageExt,
  type RocketMQLocalTransactionListener,
  type RocketMQLocalTransactionState,
  type TransactionMessage,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';

type State = RocketMQLocalTransactionState;

/** What a listener was told, and what it answers. */
class Told {
  readonly executed: { message: TransactionMessage; arg: unknown }[] = [];
  readonly checked: MessageExt[] = [];
  /** By key. */
  readonly outcomes = new Map<string, State>();
  #waiting: (() => void)[] = [];

  executeLocalTransaction(message: TransactionMessage, arg: unknown): State {
    this.executed.push({ message, arg });
    return this.outcomes.get(String(message.keys)) ?? 'UNKNOWN';
  }

  checkLocalTransaction(message: MessageExt): State {
    this.checked.push(message);
    for (const resolve of this.#waiting.splice(0)) resolve();
    return 'COMMIT';
  }

  async asked(count: number): Promise<void> {
    while (this.checked.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

@Injectable()
@RocketMQTransactionListener({ topic: 'pay' })
class PayListener extends Told implements RocketMQLocalTransactionListener {}

@Injectable()
@RocketMQTransactionListener({ topic: ['stock', 'shelf'] })
class StockListener extends Told implements RocketMQLocalTransactionListener {}

@Injectable()
@RocketMQTransactionListener({ name: 'booking' })
class BookingChecker extends Told implements RocketMQLocalTransactionListener {}

const LISTENERS = [PayListener, StockListener, BookingChecker];

describe('@RocketMQTransactionListener and sendMessageInTransaction', () => {
  let cluster: TestCluster;
  const apps: TestingModule[] = [];

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['pay', 'stock', 'shelf', 'order'] });
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await cluster.stop();
  });

  async function replica(
    providers: (new () => RocketMQLocalTransactionListener)[] = LISTENERS,
    producer: object = {},
  ): Promise<TestingModule> {
    const options = cluster.options({ producer: { group: 'payment-service', ...producer } });
    const app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(options)],
      providers,
    }).compile();
    apps.push(app);
    app.useLogger(false);
    return app.init();
  }

  async function delivered(topic: string, count: number): Promise<MessageExt[]> {
    for (;;) {
      const messages = await cluster.messages(topic);
      if (messages.length >= count) return messages;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('several listeners in one application, each by its topics; message and argument', async () => {
    const app = await replica();
    app.get(PayListener).outcomes.set('p', 'COMMIT');
    app.get(StockListener).outcomes.set('s', 'ROLLBACK');
    const template = app.get(RocketMQTemplate);
    const paid = await template.sendMessageInTransaction('pay:paid', { id: 1 }, { keys: 'p', arg: 'a' });
    const taken = await template.sendMessageInTransaction('shelf', { id: 2 }, { keys: 's', hashKey: 'a' });
    expect([paid, taken].map((result) => result.localTransactionState)).toEqual([
      'COMMIT_MESSAGE',
      'ROLLBACK_MESSAGE',
    ]);
    expect(app.get(PayListener).executed).toMatchObject([
      { arg: 'a', message: { topic: 'pay', tags: 'paid', transactionId: paid.msgId } },
    ]);
    const [message] = await delivered('pay', 1);
    expect(message).toMatchObject({ tags: 'paid', keys: ['p'], msgId: paid.msgId });
    expect(await cluster.messages('shelf')).toEqual([]);
  });

  it('an UNKNOWN is asked for later: the message as it was sent', async () => {
    const app = await replica();
    const sent = { keys: 'k', headers: { colour: 'blue' } };
    await app.get(RocketMQTemplate).sendMessageInTransaction('stock:t', { id: 1 }, sent);
    await cluster.advance('1m');
    const listener = app.get(StockListener);
    await listener.asked(1);
    expect(listener.checked[0]).toMatchObject({ topic: 'stock', tags: 't', keys: ['k'] });
    expect(listener.checked[0]?.properties.get('colour')).toBe('blue');
    expect(listener.checked[0]?.body.toString()).toBe('{"id":1}');
    expect(await delivered('stock', 1)).toHaveLength(1);
    expect(app.get(PayListener).checked).toEqual([]);
  });

  it('by function: its named checker is found on another replica when the sender is gone', async () => {
    const sender = await replica();
    const result = await sender.get(RocketMQTemplate).sendMessageInTransaction(
      'order',
      { id: 1 },
      {
        keys: 'k',
        checker: 'booking',
        execute: () => {
          throw new Error('the process dies here');
        },
      },
    );
    expect(result).toMatchObject({
      localTransactionState: 'UNKNOW',
      localException: { message: 'the process dies here' },
    });
    await sender.close();
    apps.splice(0);
    const other = await replica();
    await other.get(RocketMQTemplate).send('order', 'so that the broker knows this replica');
    await cluster.advance('1m');
    await other.get(BookingChecker).asked(1);
    expect((await delivered('order', 2)).map(({ keys }) => keys)).toContainEqual(['k']);
  });

  it('no question before checkAfter', async () => {
    const app = await replica();
    const later = { keys: 'later', checkAfter: '5m' };
    await app.get(RocketMQTemplate).sendMessageInTransaction('pay', 1, later);
    await app.get(RocketMQTemplate).sendMessageInTransaction('pay', 2, { keys: 'soon' });
    const listener = app.get(PayListener);
    await cluster.advance('1m');
    await listener.asked(1);
    // While an answer is on its way, time passes by minutes: the broker may ask again.
    const asked = (): Set<string> => new Set(listener.checked.flatMap(({ keys }) => keys));
    expect([...asked()]).toEqual(['soon']);
    await cluster.advance('10m');
    while (asked().size < 2) await listener.asked(listener.checked.length + 1);
    expect([...asked()]).toEqual(['soon', 'later']);
  });

  it.each([
    [{ corePoolSize: 1 }, 'producer.checkConcurrency'],
    [{ maximumPoolSize: 1 }, 'producer.checkConcurrency'],
    [{ keepAliveTime: 60_000 }, 'no pool of threads'],
    [{ keepAliveTimeUnit: 'MILLISECONDS' }, 'no pool of threads'],
    [{ blockingQueueSize: 2000 }, 'producer.checkRequestHoldMax'],
    [{ rocketMQTemplateBeanName: 'other' }, 'connection'],
  ])("Java's attribute %j stops the boot, which says what stands for it", async (attributes, instead) => {
    @RocketMQTransactionListener(attributes as object)
    class Ported extends Told {}

    await expect(replica([Ported])).rejects.toThrow(instead);
  });

  it('no more questions are answered at the same time than checkConcurrency says', async () => {
    const waiting: (() => void)[] = [];
    let asked = 0;
    const answered = async (): Promise<void> => {
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      waiting.shift()?.();
    };

    @RocketMQTransactionListener()
    class Slow implements RocketMQLocalTransactionListener {
      executeLocalTransaction(): State {
        return 'UNKNOWN';
      }

      async checkLocalTransaction(): Promise<State> {
        asked++;
        await new Promise<void>((resolve) => waiting.push(resolve));
        return 'COMMIT';
      }
    }

    const template = (await replica([Slow], { checkConcurrency: 2 })).get(RocketMQTemplate);
    for (let id = 0; id < 5; id++) await template.sendMessageInTransaction('pay', { id });
    await cluster.advance('30s');
    for (let done = 0; done < 5; done++) {
      expect(asked).toBeLessThanOrEqual(done + 2);
      await answered();
    }
    expect(await delivered('pay', 5)).toHaveLength(5);
  });

  it('nothing is sent when nobody could answer, or when it is to be delayed', async () => {
    const template = (await replica()).get(RocketMQTemplate);
    const illegal = { code: 'INVALID_ARGUMENT' };
    await expect(template.sendMessageInTransaction('order', 1)).rejects.toMatchObject(illegal);
    await expect(template.sendMessageInTransaction('order', 1, { checker: 'none' })).rejects.toMatchObject(
      illegal,
    );
    const delayed = { delay: '90s' } as object;
    await expect(template.sendMessageInTransaction('pay', 1, delayed)).rejects.toThrow('can not be delayed');
    await expect(
      template.sendMessageInTransaction('pay', 1, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
