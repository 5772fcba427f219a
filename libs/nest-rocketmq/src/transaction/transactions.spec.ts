import { Injectable, Scope } from '@nestjs/common';
import type { Message, MessageExt } from '@nest-rocketmq/client';
import { received } from '../../test/fake-clients.ts';
import { startApp } from '../../test/start-app.ts';
import {
  RocketMQTransactionListener,
  RocketMQLocalTransactionState,
  type RocketMQLocalTransactionListener,
} from '../decorators/transaction-listener.ts';
import { RocketMQTemplate } from '../template/rocketmq-template.ts';

interface Payment {
  id: string;
}

@Injectable()
@RocketMQTransactionListener({ topic: '${PAY_TOPIC:pay}' })
class PayTransactions implements RocketMQLocalTransactionListener<Payment> {
  readonly executed: unknown[] = [];
  state: RocketMQLocalTransactionState = 'COMMIT';

  executeLocalTransaction(message: Message, payment: Payment) {
    this.executed.push([message.topic, message.tags, payment]);
    return this.state;
  }

  checkLocalTransaction(message: MessageExt) {
    return message.keys[0] === 'paid' ? 'COMMIT' : 'ROLLBACK';
  }
}

@Injectable()
@RocketMQTransactionListener({ name: 'payment' })
class PaymentChecker implements RocketMQLocalTransactionListener {
  checkLocalTransaction(): RocketMQLocalTransactionState {
    return 'UNKNOWN';
  }
}

@Injectable()
@RocketMQTransactionListener()
class AllOthers implements RocketMQLocalTransactionListener {
  executeLocalTransaction(): RocketMQLocalTransactionState {
    return 'ROLLBACK';
  }

  checkLocalTransaction(): RocketMQLocalTransactionState {
    return 'ROLLBACK';
  }
}

type Started = Awaited<ReturnType<typeof startApp>>;

describe('transactions', () => {
  let started: Started;

  afterEach(() => started.app.close());

  const template = () => started.app.get(RocketMQTemplate);
  const sent = () => started.clients.only.sent.at(-1);

  function check(message: Parameters<typeof received>[0]) {
    const listener = started.clients.only.options.transactionListener;
    if (!listener) throw new Error('the producer has no transaction listener');
    return listener.checkLocalTransaction(received(message));
  }

  it('run by the listener of the topic, which gets the message and the argument', async () => {
    started = await startApp({ providers: [PayTransactions] });
    const payment = { id: 'p1' };
    const result = await template().sendMessageInTransaction('pay:paid', payment, {
      keys: 'p1',
      arg: payment,
    });
    expect(result.localTransactionState).toBe('COMMIT_MESSAGE');
    expect(started.app.get(PayTransactions).executed).toEqual([['pay', 'paid', payment]]);
    expect(sent()?.message).toMatchObject({ topic: 'pay', tags: 'paid', keys: 'p1' });
    started.app.get(PayTransactions).state = 'UNKNOWN';
    const open = await template().sendMessageInTransaction('pay', payment);
    expect(open.localTransactionState).toBe('UNKNOW');
  });

  it('run by a function, and answered for by the listener that it names', async () => {
    started = await startApp({ providers: [PayTransactions, PaymentChecker] });
    const result = await template().sendMessageInTransaction(
      'order',
      { id: 1 },
      { checker: 'payment', execute: async () => RocketMQLocalTransactionState.ROLLBACK, checkAfter: '90s' },
    );
    expect(result.localTransactionState).toBe('ROLLBACK_MESSAGE');
    expect(sent()?.message.properties).toMatchObject({ TRANSACTION_CHECKER: 'payment' });
    expect(sent()?.options).toMatchObject({ checkImmunityTimeInSeconds: 90 });
  });

  it('answered for by the listener of the name, of the topic, or of all others', async () => {
    started = await startApp({ providers: [PayTransactions, PaymentChecker, AllOthers] });
    expect(await check({ topic: 'pay', keys: ['paid'] })).toBe('COMMIT_MESSAGE');
    expect(await check({ topic: 'pay' })).toBe('ROLLBACK_MESSAGE');
    expect(await check({ topic: 'pay', properties: { TRANSACTION_CHECKER: 'payment' } })).toBe('UNKNOW');
    expect(await check({ topic: 'order' })).toBe('ROLLBACK_MESSAGE');
    expect((await template().sendMessageInTransaction('x', 1)).localTransactionState).toBe(
      'ROLLBACK_MESSAGE',
    );
  });

  it('of several topics have one listener', async () => {
    @RocketMQTransactionListener({ topic: ['pay', 'refund'] })
    class Money extends AllOthers {}

    started = await startApp({ providers: [Money, PaymentChecker] });
    expect(await check({ topic: 'refund' })).toBe('ROLLBACK_MESSAGE');
    expect((await template().sendMessageInTransaction('pay', 1)).localTransactionState).toBe(
      'ROLLBACK_MESSAGE',
    );
    await expect(template().sendMessageInTransaction('order', 1)).rejects.toThrow("{ topic: 'order' }");
  });

  it.each([undefined, null, 'COMMITTED', 'toString', {}])('do not end by %p', async (said) => {
    @RocketMQTransactionListener({ topic: 'pay' })
    class Vague {
      checkLocalTransaction() {
        return said;
      }
    }

    started = await startApp({ providers: [Vague] });
    await expect(check({ topic: 'pay' })).rejects.toThrow('Vague.checkLocalTransaction returned');
    const execute = () => said as 'COMMIT';
    await expect(template().sendMessageInTransaction('pay', 1, { execute })).rejects.toThrow(
      'execute returned',
    );
  });

  it('are asked about as the options say', async () => {
    const producer = { checkConcurrency: 2, checkRequestHoldMax: 5, checkTimeout: '5s' };
    started = await startApp({ providers: [] }, { nameServer: '127.0.0.1:9876', producer });
    expect(started.clients.only.options).toMatchObject({ ...producer, checkTimeout: 5000 });
  });

  it('are left open when nobody here can answer for them', async () => {
    started = await startApp({ providers: [PaymentChecker] });
    await expect(check({ topic: 'order' })).rejects.toThrow("{ topic: 'order' }");
    const other = { topic: 'order', properties: { TRANSACTION_CHECKER: 'other' } };
    await expect(check(other)).rejects.toThrow("{ name: 'other' }");
  });

  it('are not sent when nobody could answer for them, or run them', async () => {
    started = await startApp({ providers: [PaymentChecker] });
    const send = (options?: object) => template().sendMessageInTransaction('order', 1, options);
    await expect(send()).rejects.toThrow("@RocketMQTransactionListener({ topic: 'order' })");
    await expect(send({ execute: () => 'COMMIT' })).rejects.toThrow("{ topic: 'order' }");
    await expect(send({ checker: 'paiment' })).rejects.toThrow("{ name: 'paiment' }");
    await expect(send({ checker: 'payment' })).rejects.toThrow(
      'PaymentChecker has no executeLocalTransaction',
    );
    await expect(send({ checker: 'payment', execute: () => 'COMMIT', checkAfter: 5 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(started.clients.only.sent).toEqual([]);
  });
});

describe('a transaction listener stops the boot', () => {
  class Checks {
    checkLocalTransaction(): RocketMQLocalTransactionState {
      return 'COMMIT';
    }
  }

  @RocketMQTransactionListener({ topic: 'pay' })
  class Second extends Checks {}

  @RocketMQTransactionListener({ name: 'payment' })
  class SameName extends Checks {}

  @RocketMQTransactionListener()
  class First extends Checks {}

  @RocketMQTransactionListener()
  class Another extends Checks {}

  @RocketMQTransactionListener({ topic: 'x' })
  class NoMethod {}

  @RocketMQTransactionListener({ topic: 'x', connection: 'nowhere' })
  class Nowhere extends Checks {}

  @RocketMQTransactionListener({ tpoic: 'x' } as object)
  class Misspelt extends Checks {}

  @Injectable({ scope: Scope.REQUEST })
  @RocketMQTransactionListener({ topic: 'x' })
  class PerRequest extends Checks {}

  it.each([
    ['when another has its topic', [PayTransactions, Second], 'PayTransactions and Second'],
    ['when another has its name', [PaymentChecker, SameName], 'PaymentChecker and SameName'],
    ['when another is for all topics', [First, Another], 'First and Another'],
    ['without checkLocalTransaction', [NoMethod], 'NoMethod'],
    ['on a connection that is not there', [Nowhere], "there is no connection 'nowhere'"],
    ['with an attribute that is not known', [Misspelt], 'tpoic'],
    ['when it is no singleton', [PerRequest], 'must be a singleton'],
  ])('%s', async (_when, providers, text) => {
    await expect(startApp({ providers })).rejects.toThrow(text);
  });
});
