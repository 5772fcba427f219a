import { describe, expect, it } from '@jest/globals';
import { parseSimpleYaml, type YamlValue } from './simple-yaml.ts';

/** Maps as plain objects, for comparing. */
function plain(value: YamlValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
const parse = (text: string): unknown => plain(parseSimpleYaml(text, 'plain_acl.yml'));

describe('parseSimpleYaml', () => {
  it('reads the access file that RocketMQ ships', () => {
    const text = `# Licensed to
globalWhiteRemoteAddresses:
  - 10.10.103.*
  - 192.168.0.*

accounts:
  - accessKey: RocketMQ
    secretKey: 12345678
    whiteRemoteAddress:
    admin: false
    defaultTopicPerm: DENY
    topicPerms:
      - topicA=DENY
      - topicB=PUB|SUB   # both
  - accessKey: rocketmq2
    secretKey: 12345678
    # if it is admin, it could access all resources
    admin: true
`;
    expect(parse(text)).toEqual({
      globalWhiteRemoteAddresses: ['10.10.103.*', '192.168.0.*'],
      accounts: [
        {
          accessKey: 'RocketMQ',
          secretKey: '12345678',
          whiteRemoteAddress: null,
          admin: 'false',
          defaultTopicPerm: 'DENY',
          topicPerms: ['topicA=DENY', 'topicB=PUB|SUB'],
        },
        { accessKey: 'rocketmq2', secretKey: '12345678', admin: 'true' },
      ],
    });
  });

  it('reads what mqadmin writes: sequences that are not indented, quoted scalars, empty lists', () => {
    const text = `accounts:
- accessKey: 'it''s me'
  secretKey: "with # and: colon"
  topicPerms: []
  groupPerms: [a=SUB, 'b=PUB']
- secretKey: 'x'
dataVersion:
- counter: 1
  timestamp: 1627973321000
`;
    expect(parse(text)).toEqual({
      accounts: [
        {
          accessKey: "it's me",
          secretKey: 'with # and: colon',
          topicPerms: [],
          groupPerms: ['a=SUB', 'b=PUB'],
        },
        { secretKey: 'x' },
      ],
      dataVersion: [{ counter: '1', timestamp: '1627973321000' }],
    });
  });

  it.each([[''], ['# nothing\n'], ['---\n']])('takes %j as nothing', (text) => {
    expect(parse(text)).toEqual({});
  });

  it('keeps keys apart from what JavaScript knows', () => {
    expect(parseSimpleYaml('__proto__: x\nconstructor: y\n', 'f').get('__proto__')).toBe('x');
  });

  it.each([
    ['a: 1\na: 2', 'line 2 gives a a second time'],
    ['a: &x 1', 'line 1 has a value'],
    ['a: *x', 'line 1 has a value'],
    ['a: |\n  text', 'line 1 has a value'],
    ['a: {b: c}', 'line 1 has a value'],
    ['a: !!str x', 'line 1 has a value'],
    ["a: 'open", 'line 1 has a value'],
    ['a: [b', 'line 1 has a bracket'],
    ['a:\n\t- b', 'line 2 is indented by a tab'],
    ['a:\n    b: 1\n  c: 2', 'line 3 is indented in a way'],
    ['just text', 'line 1 must be `key: value`'],
    ['- a', 'line 1 must be `key: value`'],
    ['a: 1\n...', 'line 2 must be'],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(`plain_acl.yml, ${message}`);
  });
});
