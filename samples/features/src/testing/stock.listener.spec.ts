import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApplication } from '@nest-rocketmq/testing/nest';
import { AppModule, Shelves } from './stock.listener.ts';

/** How an application is tested: on a cluster in the test's process, whose time the test turns. */
describe('the stock listener', () => {
  const order = { id: 'A', sku: 'tea' };
  let locked: boolean;
  let app: TestApplication;

  beforeEach(async () => {
    locked = false;
    app = await TestApplication.start(
      { imports: [AppModule] },
      {
        topics: ['testing-order'],
        configure: (builder) => builder.overrideProvider(Shelves).useValue({ isLocked: () => locked }),
      },
    );
  });

  afterEach(() => app.close());

  it('takes what was ordered from the shelf, and says so', async () => {
    const { outcome } = await app.cluster.deliver('testing-order:created', order, { keys: 'A' });
    expect(outcome).toBe('consumed');
    expect(app.cluster.sent('testing-stock:taken')).toHaveLength(1);
  });

  it('reminds after half an hour, which passes at once', async () => {
    await app.cluster.deliver('testing-order:created', order, { keys: 'A' });
    expect(await app.cluster.messages('testing-stock:remind')).toHaveLength(0);
    await app.cluster.advance('30m');
    expect(await app.cluster.messages('testing-stock:remind')).toHaveLength(1);
  });

  it('tries four times at a shelf that is locked, then gives up', async () => {
    locked = true;
    const last = await app.cluster.deliver('testing-order:created', order, { keys: 'A', toTheEnd: true });
    expect(last).toMatchObject({ attempt: 4, outcome: 'dead-letter' });
    const letter = await app.cluster.deadLetter('testing-stock', 'A');
    expect(letter.properties.get('REJECT_REASON')).toContain('the shelf of tea is locked');
  });
});
