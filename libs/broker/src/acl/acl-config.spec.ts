import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseAclConfig } from './acl-config.ts';
import { Permission } from './permission.ts';

const { PUB, SUB } = Permission;
const account = (lines: string): string =>
  `accounts:\n- accessKey: rocketmq2\n  secretKey: 12345678\n${lines.replace(/^/gm, '  ')}\n`;

describe('parseAclConfig', () => {
  it('denies what an account does not say', () => {
    const [only] = parseAclConfig(account(''), 'f').accounts;
    expect(only).toMatchObject({ admin: false, defaultTopicPerm: 0, defaultGroupPerm: 0 });
    expect(only?.whiteRemoteAddress).toBeUndefined();
  });

  it('reads permissions by name', () => {
    const text = account(
      'defaultTopicPerm: SUB|PUB\ngroupPerms: [a=DENY, b = SUB]\ntopicPerms:\n- t=PUB\nadmin: true',
    );
    const [only] = parseAclConfig(text, 'f').accounts;
    expect(only?.defaultTopicPerm).toBe(PUB | SUB);
    expect(only?.groupPerms).toEqual(
      new Map([
        ['a', 0],
        ['b', SUB],
      ]),
    );
    expect(only?.topicPerms).toEqual(new Map([['t', PUB]]));
    expect(only?.admin).toBe(true);
  });

  it.each([
    [account('topicPerm: [t=PUB]'), 'account rocketmq2: the key topicPerm is not known'],
    [account('topicPerms: [t=PBU]'), 'topicPerms of t is "PBU"'],
    [account('topicPerms: [t]'), 'name=PUB|SUB'],
    [account('admin: yes'), 'admin is "yes"'],
    [account('whiteRemoteAddress: everywhere'), '"everywhere" names no remote addresses'],
    ['accounts:\n- accessKey: rocketmq2\n', 'secretKey of rocketmq2 must be a text'],
    ['accounts:\n- accessKey: short\n  secretKey: 12345678\n', 'more than 6 characters'],
    ['account:\n', 'the key account is not known'],
    ['accounts: none\n', 'accounts must be a list'],
    ['globalWhiteRemoteAddresses:\n- 1.2.3\n', 'names no remote addresses'],
  ])('refuses %j', (text, message) => {
    expect(() => parseAclConfig(text, 'plain_acl.yml')).toThrow(message);
    expect(() => parseAclConfig(text, 'plain_acl.yml')).toThrow(expect.not.stringContaining('12345678'));
  });

  it('keeps secrets out of what can be printed', () => {
    const config = parseAclConfig(account(''), 'f');
    expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain(
      '12345678',
    );
  });
});
