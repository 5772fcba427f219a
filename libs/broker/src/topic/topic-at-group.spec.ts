import { topicAtGroup } from './topic-at-group.ts';

it('is the key of each topic and group, whichever came before', () => {
  expect(topicAtGroup('', '')).toBe('@');
  for (const [topic, group] of [
    ['t', 'g'],
    ['t', 'g'],
    ['t', 'h'],
    ['u', 'h'],
    ['t', 'g'],
  ] as const)
    expect(topicAtGroup(topic, group)).toBe(`${topic}@${group}`);
});
