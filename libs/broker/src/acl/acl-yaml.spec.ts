import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAclYaml, parseAclYaml, type YamlMap, type YamlValue } from './acl-yaml.ts';

/** Maps as plain objects, for comparing. */
function plain(value: YamlValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
const parse = (text: string): unknown => plain(parseAclYaml(text, 'plain_acl.yml'));

describe('parseAclYaml', () => {
  it('reads the access file that RocketMQ ships', () => {
    const text = `# Licensed to
globalWhiteRemoteAddresses:
  - 10.10.103.*
  - 192.168.0.*

accounts:
  - accessKey: RocketMQ
    secretKey: 012345678
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
          secretKey: '012345678',
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
    expect(parseAclYaml('__proto__: x\nconstructor: y\n', 'f').get('__proto__')).toBe('x');
  });

  it.each([
    ['a: 1\na: 2', ', line 2: duplicate key'],
    ['a: &x 1\nb: *x', ' has an alias (*name): write out what it stands for'],
    ['a: 1\nb: !java x', ', line 2: tag resolve failed'],
    ["a: 'open", ', line 1: missing char'],
    ['a: [b', ', line 1: bad indent'],
    ['a:\n\t- b', ', line 2: tab as indent'],
    ['a:\n    b: 1\n  c: 2', ', line 3: bad indent'],
    ['? [a]\n: b', ', line 1: non string key'],
    ['a: 1\n---\nb: 2', ', line 2: multiple docs'],
    ['just text', ' must be made of'],
    ['- a', ' must be made of'],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(`plain_acl.yml${message}`);
  });

  it('repeats nothing of a file that it refuses: it may be a secret', () => {
    for (const text of [
      'a: 12345678\n  b: x',
      'a: "12345678',
      'a: @12345678',
      '}12345678',
      'a: !12345678 x',
    ]) {
      expect(() => parse(text)).toThrow(/^(?!.*12345678)plain_acl\.yml, line \d/);
    }
  });
});

describe('formatAclYaml', () => {
  it('writes files that RocketMQ reads: lists at the keys, flags and numbers plain, the rest in quotes where needed', () => {
    const account: YamlMap = new Map<string, YamlValue>([
      ['accessKey', 'rocketmq2'],
      ['secretKey', '12345678'],
      ['whiteRemoteAddress', null],
      ['admin', 'true'],
      ['topicPerms', ['a=PUB|SUB', "'quoted' #=DENY", 'yes', '1_000', '12:30']],
      ['groupPerms', []],
    ]);
    const version: YamlMap = new Map([
      ['counter', '1'],
      ['timestamp', '1627973321000'],
    ]);
    const map: YamlMap = new Map([
      ['accounts', [account]],
      ['dataVersion', [version]],
    ]);
    expect(formatAclYaml(map)).toBe(
      `accounts:
- accessKey: rocketmq2
  secretKey: '12345678'
  whiteRemoteAddress:
  admin: true
  topicPerms:
  - a=PUB|SUB
  - "'quoted' #=DENY"
  - 'yes'
  - '1_000'
  - '12:30'
  groupPerms: []
dataVersion:
- counter: 1
  timestamp: 1627973321000
`,
    );
  });

  it.each(['admin', 'counter', 'timestamp'])('leaves what is no %s as it stands', (key) => {
    const map: YamlMap = new Map([[key, 'yes']]);
    expect(formatAclYaml(map)).toBe(`${key}: 'yes'\n`);
    expect(parseAclYaml(formatAclYaml(map), 'f')).toEqual(map);
  });

  it('writes what is read as the same, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.array(fc.string()))), (rows) => {
        const accounts = rows.map(
          ([name, list]) =>
            new Map<string, YamlValue>([
              ['accessKey', name],
              ['topicPerms', list],
            ]),
        );
        const map: YamlMap = new Map<string, YamlValue>([['accounts', accounts]]);
        expect(parseAclYaml(formatAclYaml(map), 'f')).toEqual(map);
      }),
      { numRuns: 300 },
    );
  });
});
