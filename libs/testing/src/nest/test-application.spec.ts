import { Injectable, Module } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Payload,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { TestCluster } from '../index.ts';
import { TestApplication } from './index.ts';

interface Order {
  id: string;
  fails?: number;
}

@Injectable()
class Shelf {
  take(order: Order): string {
    return `${order.id} from the shelf`;
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'stock-service', topic: 'order' })
class StockListener {
  readonly taken: string[] = [];
  #failures = 0;

  constructor(
    private readonly shelf: Shelf,
    private readonly rocketmq: RocketMQTemplate,
  ) {}

  @RocketMQMessageListener({ tags: 'created', maxReconsumeTimes: 3 })
  async take(@Payload() order: Order): Promise<void> {
    if (this.#failures++ < (order.fails ?? 0)) throw new Error('the shelf is locked');
    this.taken.push(this.shelf.take(order));
    await this.rocketmq.send('stock:taken', order, { keys: order.id, delay: '30m' });
  }

  @RocketMQMessageListener({ tags: 'wrong' })
  refuse(): void {
    throw new RejectMessage('nobody ordered it');
  }

  @RocketMQMessageListener({ tags: 'early' })
  early(): void {
    throw new RetryLater('1h');
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ nameServer: 'rocketmq.production:9876' })],
  providers: [Shelf, StockListener],
})
class AppModule {}

describe('TestApplication', () => {
  let app: TestApplication;

  beforeEach(async () => {
    app = await TestApplication.start({ imports: [AppModule] }, { topics: ['order', 'stock'] });
  });
  afterEach(() => app.close());

  it('delivers a message to its listener, and says how that ended', async () => {
    const delivered = await app.cluster.deliver('order:created', { id: '42' }, { keys: '42' });
    expect(delivered).toMatchObject({ group: 'stock-service', attempt: 1, outcome: 'consumed' });
    expect(app.get(StockListener).taken).toEqual(['42 from the shelf']);
  });

  it('captures what the application sent, also what is delayed', async () => {
    await app.cluster.deliver('order:created', { id: '42' });
    const [sent] = app.cluster.sent('stock:taken');
    expect(sent?.message).toMatchObject({ keys: '42', delayLevel: 16 });
    expect(sent?.result.sendStatus).toBe('SEND_OK');
    expect(app.cluster.sent('stock:given-back')).toEqual([]);
    expect(app.cluster.sent('order').map(({ message }) => message.tags)).toEqual(['created']);
    expect(app.cluster.sent()).toHaveLength(2);
    expect(await app.cluster.messages('stock')).toEqual([]);
    await app.cluster.advance('30m');
    expect(await app.cluster.messages('stock:taken')).toHaveLength(1);
  });

  it('lets the time of the retries pass', async () => {
    const delivered = await app.cluster.deliver('order:created', { id: '42', fails: 3 }, { toTheEnd: true });
    expect(delivered).toMatchObject({ attempt: 4, outcome: 'consumed' });
    const outcomes = app.cluster
      .deliveries('stock-service')
      .map(({ attempt, outcome }) => [attempt, outcome]);
    expect(outcomes).toEqual([
      [1, 'retry'],
      [2, 'retry'],
      [3, 'retry'],
      [4, 'consumed'],
    ]);
    expect(app.cluster.deliveries('other')).toEqual([]);
    expect(await app.cluster.deadLetters('stock-service')).toEqual([]);
  });

  it('shows what was given up, and why', async () => {
    const failed = await app.cluster.deliver(
      'order:created',
      { id: '1', fails: 9 },
      { toTheEnd: true, keys: '1' },
    );
    expect(failed).toMatchObject({ attempt: 4, outcome: 'dead-letter' });
    const refused = await app.cluster.deliver('order:wrong', { id: '2' }, { keys: '2' });
    expect(refused).toMatchObject({ attempt: 1, outcome: 'dead-letter' });
    const letter = await app.cluster.deadLetter('stock-service', '2');
    expect(letter.properties.get('REJECT_REASON')).toBe('nobody ordered it');
    expect((await app.cluster.deadLetter('stock-service', '1')).body.toString()).toContain('"id":"1"');
    expect(await app.cluster.deadLetters('stock-service')).toHaveLength(2);
  });

  it('has a message that waits for its retry waiting', async () => {
    expect(await app.cluster.deliver('order:early', { id: '1' })).toMatchObject({ outcome: 'retry' });
    await expect(app.cluster.deadLetter('stock-service', undefined, '10ms')).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining(
        'order:early  to stock-service, attempt 1: retry',
      ) as unknown as string,
    });
  });

  it('says what was delivered when nobody takes a message', async () => {
    await app.cluster.deliver('order:created', { id: '42' }, { keys: '42' });
    const nobody = app.cluster.deliver('stock:taken', { id: '42' }, { timeout: '20ms' });
    await expect(nobody).rejects.toThrow(
      /No delivery like .* within 20 ms\. Delivered were: order:created 42 to stock-service, attempt 1: consumed/,
    );
  });

  it('waits for deliveries of what the application sends itself', async () => {
    await app.get(RocketMQTemplate).send('order:created', { id: '7' }, { keys: ['7', 'web'] });
    expect(await app.cluster.delivered({ key: 'web', group: 'stock-service' })).toMatchObject({ attempt: 1 });
  });
});

describe('a TestApplication', () => {
  it('runs on a cluster that is there, with what the test overrides, and sees only that cluster', async () => {
    await using cluster = await TestCluster.start({ topics: ['order'] });
    await using elsewhere = await TestCluster.start({ topics: ['order'] });
    const metadata = { imports: [AppModule] };
    const shelf = { take: () => 'from a box' };
    const app = await TestApplication.start(metadata, {
      cluster,
      configure: (builder) => builder.overrideProvider(Shelf).useValue(shelf),
    });
    await cluster.deliver('order:created', { id: '1' });
    expect(app.get(StockListener).taken).toEqual(['from a box']);
    await app.close();
    await app.close();
    expect(await cluster.messages('order')).toHaveLength(1);
    expect(elsewhere.sent()).toEqual([]);
    expect(elsewhere.deliveries()).toEqual([]);
  });

  it('that fails to start leaves nothing behind', async () => {
    @Injectable()
    @RocketMQMessageListener({ consumerGroup: 'g' })
    class Wrong {}
    const started = TestApplication.start({ imports: [AppModule], providers: [Wrong] });
    await expect(started).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
