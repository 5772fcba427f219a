import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatSimpleYaml } from './format-simple-yaml.ts';
import { parseSimpleYaml, type YamlMap, type YamlValue } from './simple-yaml.ts';

describe('formatSimpleYaml', () => {
  it('writes files that RocketMQ reads: lists at the keys, flags and numbers plain, the rest in quotes where needed', () => {
    const account: YamlMap = new Map<string, YamlValue>([
      ['accessKey', 'rocketmq2'],
      ['secretKey', '12345678'],
      ['whiteRemoteAddress', null],
      ['admin', 'true'],
      ['topicPerms', ['a=PUB|SUB', "it's=DENY"]],
      ['groupPerms', []],
    ]);
    expect(formatSimpleYaml(new Map<string, YamlValue>([['accounts', [account]]]))).toBe(
      "accounts:\n- accessKey: rocketmq2\n  secretKey: '12345678'\n  whiteRemoteAddress:\n  admin: true\n" +
        "  topicPerms:\n  - a=PUB|SUB\n  - 'it''s=DENY'\n  groupPerms: []\n",
    );
  });

  it('writes what is read as the same, whatever the texts are', () => {
    const text = fc.string().filter((value) => !/[\r\n\u2028\u2029\u0085]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.array(text))), (rows) => {
        const accounts = rows.map(
          ([name, list]) =>
            new Map<string, YamlValue>([
              ['accessKey', name],
              ['topicPerms', list],
            ]),
        );
        const map: YamlMap = new Map<string, YamlValue>([['accounts', accounts]]);
        expect(parseSimpleYaml(formatSimpleYaml(map), 'f')).toEqual(map);
      }),
    );
  });
});
