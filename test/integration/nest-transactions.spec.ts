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

interface Payment {
  id: string;
  executed: RocketMQLocalTransactionState;
}

/** What a database would know. */
@Injectable()
class Payments {
  readonly paid = new Set<string>();
}

@Injectable()
@RocketMQTransactionListener({ topic: 'pay' })
class PayTransactions implements RocketMQLocalTransactionListener<Payment> {
  readonly checked: string[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly payments: Payments) {}

  executeLocalTransaction(_message: TransactionMessage, payment: Payment): RocketMQLocalTransactionState {
    return payment.executed;
  }

  async checkLocalTransaction(message: MessageExt): Promise<RocketMQLocalTransactionState> {
    const [id = ''] = message.keys;
    this.checked.push(id);
    for (const resolve of this.waiting.splice(0)) resolve();
    return this.payments.paid.has(id) ? 'COMMIT' : 'ROLLBACK';
  }

  async asked(count: number): Promise<void> {
    while (this.checked.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

describe('transactions of a Nest application', () => {
  let cluster: TestCluster;
  let app: TestingModule;

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['pay'] });
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options({ producer: { group: 'payment-service' } }))],
      providers: [Payments, PayTransactions],
    }).compile();
    app.useLogger(false);
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    await cluster.stop();
  });

  async function pay(id: string, executed: RocketMQLocalTransactionState) {
    const payment: Payment = { id, executed };
    return app
      .get(RocketMQTemplate)
      .sendMessageInTransaction('pay:paid', payment, { keys: id, arg: payment });
  }

  /** The keys of what is in the topic, once there are so many. */
  async function delivered(count: number): Promise<(string | undefined)[]> {
    for (;;) {
      const messages = await cluster.messages('pay:paid');
      if (messages.length >= count) return messages.map(({ keys }) => keys[0]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('delivers what was committed', async () => {
    const results = [await pay('a', 'COMMIT'), await pay('b', 'ROLLBACK'), await pay('c', 'COMMIT')];
    expect(results.map(({ localTransactionState }) => localTransactionState)).toEqual([
      'COMMIT_MESSAGE',
      'ROLLBACK_MESSAGE',
      'COMMIT_MESSAGE',
    ]);
    expect(await delivered(2)).toEqual(['a', 'c']);
  });

  it('answers the broker for what was left open', async () => {
    app.get(Payments).paid.add('a');
    await pay('a', 'UNKNOWN');
    await pay('b', 'UNKNOWN');
    expect(await cluster.messages('pay')).toEqual([]);
    await cluster.advance('30s');
    const listener = app.get(PayTransactions);
    await listener.asked(2);
    expect(await delivered(1)).toEqual(['a']);
    await cluster.advance('2m');
    expect(listener.checked).toEqual(['a', 'b']);
    expect(await delivered(1)).toEqual(['a']);
  });
});
