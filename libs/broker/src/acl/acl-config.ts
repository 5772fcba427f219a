import { createSecretKey, type KeyObject } from 'node:crypto';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { parsePermission, type PermissionBits } from './permission.ts';
import { RemoteAddresses } from './remote-addresses.ts';
import { parseAclYaml, type YamlMap, type YamlValue } from './acl-yaml.ts';

/** Access and secret keys are longer than this (`AclConstants`). */
const KEY_MIN_LENGTH = 6;
const FILE_KEYS = new Set(['globalWhiteRemoteAddresses', 'accounts', 'dataVersion']);
const ACCOUNT_KEYS = new Set([
  'accessKey',
  'secretKey',
  'whiteRemoteAddress',
  'admin',
  'defaultTopicPerm',
  'defaultGroupPerm',
  'topicPerms',
  'groupPerms',
]);

/** One account of an access file (`PlainAccessConfig`). */
export interface AclAccount {
  readonly accessKey: string;
  /** In a form that no log can show. */
  readonly secret: KeyObject;
  /** From where it may be used; undefined: from everywhere. */
  readonly whiteRemoteAddress: RemoteAddresses | undefined;
  readonly admin: boolean;
  readonly defaultTopicPerm: PermissionBits;
  readonly defaultGroupPerm: PermissionBits;
  readonly topicPerms: ReadonlyMap<string, PermissionBits>;
  readonly groupPerms: ReadonlyMap<string, PermissionBits>;
}

/** What one access file says. */
export interface AclConfig {
  /** From where any account may be used; empty: from everywhere. */
  readonly globalWhiteRemoteAddresses: readonly RemoteAddresses[];
  readonly accounts: readonly AclAccount[];
}

/**
 * Reads an access file in the form of `plain_acl.yml`. What Java passes over in silence (an unknown key, a misspelt
 * permission, which it takes as DENY) is an error here.
 * @param source the file's name, for messages; secrets are in none of them
 * @throws RocketMQError `INVALID_CONFIG` naming the file and what is wrong
 */
export function parseAclConfig(text: string, source: string): AclConfig {
  const document = parseAclYaml(text, source);
  const fail = (what: string): never => {
    throw new RocketMQError('INVALID_CONFIG', `${source}: ${what}`);
  };
  checkKeys(document, FILE_KEYS, fail);
  const accounts = listOf(document.get('accounts'), 'accounts', fail).map((item) =>
    item instanceof Map ? account(item, fail) : fail('each of accounts needs an accessKey and a secretKey'),
  );
  return {
    globalWhiteRemoteAddresses: listOf(
      document.get('globalWhiteRemoteAddresses'),
      'globalWhiteRemoteAddresses',
      fail,
    ).map((item) => addresses(textOf(item, 'globalWhiteRemoteAddresses', fail), fail)),
    accounts,
  };
}

type Fail = (what: string) => never;

function account(map: YamlMap, failFile: Fail): AclAccount {
  const accessKey = textOf(map.get('accessKey') ?? null, 'accessKey', failFile);
  const secretKey = textOf(map.get('secretKey') ?? null, `secretKey of ${accessKey}`, failFile);
  const fail: Fail = (what) => failFile(`account ${accessKey}: ${what}`);
  if (accessKey.length <= KEY_MIN_LENGTH || secretKey.length <= KEY_MIN_LENGTH) {
    fail(`accessKey and secretKey need more than ${KEY_MIN_LENGTH} characters each`);
  }
  checkKeys(map, ACCOUNT_KEYS, fail);
  const optional = (key: string): string | undefined => {
    const value = map.get(key) ?? null;
    return value === null || value === '' ? undefined : textOf(value, key, fail);
  };
  const permission = (text: string, of: string): PermissionBits =>
    parsePermission(text) ?? fail(`${of} is ${JSON.stringify(text)}: it must be DENY, PUB, SUB or PUB|SUB`);
  const permissions = (key: string): Map<string, PermissionBits> =>
    new Map(
      listOf(map.get(key), key, fail).map((item) => {
        const [, name, text] = /^([^=]+)=([^=]+)$/.exec(textOf(item, key, fail)) ?? [];
        if (name === undefined || text === undefined) return fail(`${key} are written as name=PUB|SUB`);
        return [name.trim(), permission(text, `${key} of ${name.trim()}`)];
      }),
    );
  const white = optional('whiteRemoteAddress');
  const admin = optional('admin') ?? 'false';
  if (admin !== 'true' && admin !== 'false')
    fail(`admin is ${JSON.stringify(admin)}: it must be true or false`);
  return {
    accessKey,
    secret: createSecretKey(Buffer.from(secretKey, 'utf8')),
    whiteRemoteAddress: white === undefined ? undefined : addresses(white, fail),
    admin: admin === 'true',
    defaultTopicPerm: permission(optional('defaultTopicPerm') ?? 'DENY', 'defaultTopicPerm'),
    defaultGroupPerm: permission(optional('defaultGroupPerm') ?? 'DENY', 'defaultGroupPerm'),
    topicPerms: permissions('topicPerms'),
    groupPerms: permissions('groupPerms'),
  };
}

function checkKeys(map: YamlMap, known: ReadonlySet<string>, fail: Fail): void {
  for (const key of map.keys()) if (!known.has(key)) fail(`the key ${key} is not known`);
}

function listOf(value: YamlValue | undefined, key: string, fail: Fail): readonly YamlValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : fail(`${key} must be a list`);
}

function textOf(value: YamlValue, key: string, fail: Fail): string {
  return typeof value === 'string' ? value : fail(`${key} must be a text`);
}

function addresses(text: string, fail: Fail): RemoteAddresses {
  try {
    return new RemoteAddresses(text);
  } catch (error) {
    return fail((error as Error).message);
  }
}
