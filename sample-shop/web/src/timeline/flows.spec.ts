import type { TimelineEntry } from '../api/types.ts';
import { flowsOf, isSettled } from './flows.ts';

const START = Date.parse('2026-11-21T12:00:00.000Z');

function entry(
  seconds: number,
  kind: TimelineEntry['kind'],
  more: Partial<TimelineEntry> = {},
): TimelineEntry {
  return {
    topic: 'orderTopic',
    tag: 'order_cancel',
    key: '1',
    msgId: 'A',
    kind,
    group: 'order-service',
    attempt: 1,
    time: new Date(START + seconds * 1000).toISOString(),
    ...more,
  };
}

const payment = { topic: 'payTopic', tag: 'paid', key: '9', msgId: 'P', group: 'pay-service' };

describe('flowsOf', () => {
  it('puts the entries of one message together, in the order in which messages began', () => {
    const flows = flowsOf([
      entry(0, 'sent', { msgId: 'A', tag: 'order_confirm' }),
      entry(1, 'half', payment),
      entry(2, 'committed', payment),
      entry(3, 'consumed', { ...payment, group: 'payment-log' }),
    ]);

    expect(flows.map(({ id, tag, sender }) => [id, tag, sender])).toEqual([
      ['A', 'order_confirm', 'order-service'],
      ['P', 'paid', 'pay-service'],
    ]);
    expect(flows[1]?.steps).toEqual([
      { kind: 'half', time: START + 1000 },
      { kind: 'committed', time: START + 2000 },
    ]);
    expect(flows[1]?.startedAt).toBe(START + 1000);
    expect(flows[1]?.changedAt).toBe(START + 3000);
  });

  it('shows the four services that a cancel is for before any has got it', () => {
    const [flow] = flowsOf([entry(0, 'sent')]);

    expect(flow?.consumers.map(({ group, state }) => [group, state])).toEqual([
      ['goods-service', 'waiting'],
      ['coupon-service', 'waiting'],
      ['user-service', 'waiting'],
      ['order-service', 'waiting'],
    ]);
  });

  it('follows each group through its attempts', () => {
    const [flow] = flowsOf([
      entry(0, 'sent'),
      entry(1, 'consumed', { group: 'goods-service' }),
      entry(1, 'retried', { group: 'coupon-service' }),
      entry(11, 'consumed', { group: 'coupon-service', attempt: 2 }),
      entry(1, 'retried', { group: 'user-service' }),
      entry(2, 'retried', { group: 'order-service' }),
      entry(3, 'dead', { group: 'order-service', attempt: 2 }),
    ]);

    expect(flow?.consumers.map(({ state }) => state)).toEqual(['consumed', 'consumed', 'retrying', 'dead']);
    expect(flow?.consumers[1]?.deliveries).toEqual([
      { kind: 'retried', attempt: 1, time: START + 1000 },
      { kind: 'consumed', attempt: 2, time: START + 11_000 },
    ]);
  });

  it('takes a message that is consumed after a replay for consumed', () => {
    const [flow] = flowsOf([
      entry(0, 'dead', { group: 'goods-service' }),
      entry(9, 'consumed', { group: 'goods-service', attempt: 1 }),
    ]);

    expect(flow?.consumers[0]?.state).toBe('consumed');
  });

  it('expects nobody where the message was rolled back or taken back', () => {
    const [rolledBack, takenBack] = flowsOf([
      entry(0, 'half', payment),
      entry(1, 'rolled back', payment),
      entry(2, 'sent', { tag: 'order_unpaid', msgId: 'U' }),
      entry(3, 'cancelled', { tag: 'order_unpaid', msgId: 'U' }),
    ]);

    expect(rolledBack).toMatchObject({ withdrawn: true, consumers: [] });
    expect(takenBack).toMatchObject({ withdrawn: true, consumers: [] });
  });

  it('shows a consumer also when its sender is not known yet', () => {
    const [flow] = flowsOf([entry(0, 'consumed', { group: 'goods-service' })]);

    expect(flow).toMatchObject({ sender: undefined, steps: [], startedAt: START });
  });

  it('shows groups that it knows nothing of after those it knows', () => {
    const [flow] = flowsOf([entry(0, 'consumed', { group: 'a-newcomer' })]);

    expect(flow?.consumers.map(({ group }) => group)).toEqual([
      'goods-service',
      'coupon-service',
      'user-service',
      'order-service',
      'a-newcomer',
    ]);
  });

  it('orders by time, whatever order the entries come in', () => {
    const [flow] = flowsOf([entry(2, 'committed', payment), entry(1, 'half', payment)]);

    expect(flow?.steps.map(({ kind }) => kind)).toEqual(['half', 'committed']);
  });
});

describe('isSettled', () => {
  const settled = (entries: TimelineEntry[]) => flowsOf(entries).every(isSettled);
  const everywhere = ['goods-service', 'coupon-service', 'user-service', 'order-service'];

  it('is so when every group has consumed the message, or buried it', () => {
    const consumed = everywhere.map((group) => entry(1, 'consumed', { group }));
    const [first, ...others] = consumed;

    expect(settled([entry(0, 'sent'), ...consumed])).toBe(true);
    expect(settled([entry(0, 'sent'), ...others])).toBe(false);
    expect(settled([entry(0, 'sent'), ...others, entry(1, 'dead', { group: first?.group ?? '' })])).toBe(
      true,
    );
  });

  it('is not so while a message comes again', () => {
    expect(settled([entry(0, 'sent', { tag: 'order_unpaid' }), entry(1, 'retried')])).toBe(false);
  });

  it('is not so while its sender has decided nothing', () => {
    expect(settled([entry(0, 'half', { ...payment, tag: 'other' })])).toBe(false);
    expect(settled([entry(0, 'half', payment), entry(1, 'rolled back', payment)])).toBe(true);
  });
});
