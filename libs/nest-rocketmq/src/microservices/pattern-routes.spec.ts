import type { MessageHandler } from '@nestjs/microservices';
import { routesOf } from './pattern-routes.ts';

function handler(extras?: Record<string, unknown>): MessageHandler {
  const handle: MessageHandler = async () => undefined;
  if (extras) handle.extras = extras;
  return handle;
}

function routes(patterns: Record<string, MessageHandler>, group: string | undefined = 'stock') {
  return routesOf(new Map(Object.entries(patterns)), group);
}

describe('the patterns of a server', () => {
  it('are subscriptions of their groups', () => {
    const groups = routes({
      'order:created': handler(),
      'order:paid || shipped': handler(),
      price: handler(),
      order: handler({ consumerGroup: 'audit' }),
    });
    const told = [...groups].map(([group, taken]) => [group, taken.expressions()]);
    expect(told).toEqual([
      [
        'stock',
        [
          ['order', 'created || paid || shipped'],
          ['price', '*'],
        ],
      ],
      ['audit', [['order', '*']]],
    ]);
    expect(groups.get('stock')?.find({ topic: 'order', tags: 'shipped' })?.pattern).toBe(
      'order:paid || shipped',
    );
    expect(groups.get('stock')?.find({ topic: 'order', tags: 'other' })).toBeUndefined();
    expect(groups.get('audit')?.find({ topic: 'order', tags: 'other' })?.pattern).toBe('order');
  });

  it('that take the same tag of a group contradict each other', () => {
    expect(() => routes({ 'order:created': handler(), 'order:paid || created': handler() })).toThrow(
      'The patterns order:created and order:paid || created both take tag created of topic order in the group stock',
    );
  });

  it('need a group and a topic', () => {
    expect(() => routesOf(new Map([['order', handler()]]), undefined)).toThrow(
      'The pattern order has no consumer group',
    );
    expect(() => routes({ ':created': handler() })).toThrow('names no topic');
    expect(() => routes({ '{"cmd":"sum"}': handler() })).toThrow('names no topic');
  });
});
