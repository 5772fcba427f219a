import { subscription } from '../../test/test-broker.ts';
import { ConsumerGroup } from './consumer-group.ts';

describe('the subscriptions of a group', () => {
  const behaviour = {
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  };

  it('change when a topic comes or goes, not with a new version alone', () => {
    const group = new ConsumerGroup('G', behaviour);
    expect(group.subscribe([subscription('T', 1)])).toBe(true);
    expect(group.subscribe([subscription('T', 2)])).toBe(false);
    expect(group.subscribe([subscription('T', 2), subscription('U', 1)])).toBe(true);
    expect(group.subscribe([subscription('U', 1)])).toBe(true);
    expect([...group.subscriptions.keys()]).toEqual(['U']);
  });

  it('keep the larger version, whichever comes last', () => {
    const group = new ConsumerGroup('G', behaviour);
    group.subscribe([subscription('T', 5, [1])]);
    group.subscribe([subscription('T', 4, [2])]);
    expect(group.subscriptions.get('T')?.codeSet).toEqual([1]);
    group.subscribe([subscription('T', 6, [3])]);
    expect(group.subscriptions.get('T')?.codeSet).toEqual([3]);
  });
});
