import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  ConsumeMode,
  MessageContext,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type RocketMQListener,
  type RocketMQModuleOptions,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

interface Step {
  order: string;
  step: number;
  fail?: boolean;
  reject?: boolean;
}

/** What came, each with its attempt, by order. */
@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'steps',
  topic: 'step',
  consumeMode: ConsumeMode.ORDERLY,
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StepListener implements RocketMQListener<Step> {
  readonly seen = new Map<string, string[]>();

  onMessage({ order, step, fail, reject }: Step, context: MessageContext): void {
    const seen = this.seen.get(order) ?? [];
    this.seen.set(order, [...seen, `${step}/${context.attempt}`]);
    if (reject) throw new RejectMessage('not in this order');
    if (fail && context.attempt < 3) throw new RetryLater('10ms');
  }
}

describe('a Nest application', () => {
  let cluster: TestCluster;
  let app: TestingModule;

  async function start(options: Partial<RocketMQModuleOptions>, providers: (new () => object)[] = []) {
    cluster = await TestCluster.start({ topics: ['step'] });
    const settings = cluster.options({ producer: { group: 'order-service' }, ...options });
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(settings)],
      providers,
    }).compile();
    app.useLogger(false);
    await app.init();
    return app.get(RocketMQTemplate);
  }

  afterEach(async () => {
    await app.close();
    await cluster.stop();
  });

  it('handles the messages of a hash key in the order they were sent, failures and rejections included', async () => {
    const template = await start({}, [StepListener]);
    for (let step = 0; step < 6; step++) {
      for (const order of ['a', 'b', 'c']) {
        const payload = {
          order,
          step,
          fail: order === 'b' && step === 2,
          reject: order === 'c' && step === 3,
        };
        await template.send('step', payload, { hashKey: order });
      }
    }
    const { seen } = app.get(StepListener);
    // The cluster's time stands still until it is told to go on.
    await eventually(async () => {
      await cluster.advance('1s');
      return ['a', 'b', 'c'].every((order) => seen.get(order)?.at(-1) === '5/1');
    });
    expect(seen.get('a')).toEqual(['0/1', '1/1', '2/1', '3/1', '4/1', '5/1']);
    expect(seen.get('b')).toEqual(['0/1', '1/1', '2/1', '2/2', '2/3', '3/1', '4/1', '5/1']);
    expect(seen.get('c')).toEqual(['0/1', '1/1', '2/1', '3/1', '4/1', '5/1']);
    const [dead] = await cluster.deadLetters('steps');
    expect(JSON.parse(dead?.body.toString() ?? '')).toMatchObject({ order: 'c', step: 3 });
    expect(dead?.properties.get('REJECT_REASON')).toBe('not in this order');
  });

  it('receives when it asks for messages', async () => {
    const template = await start({
      pullConsumer: {
        group: 'report',
        topic: 'step',
        selectorExpression: 'paid',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      },
    });
    for (let step = 0; step < 4; step++)
      await template.send(step % 2 ? 'step:paid' : 'step:created', { order: 'a', step }, { hashKey: 'a' });
    const received: Step[] = [];
    await eventually(async () => {
      received.push(...(await template.receive<Step>({ timeout: 100 })));
      return received.length === 2;
    });
    expect(received.map(({ step }) => step)).toEqual([1, 3]);
  });
});
