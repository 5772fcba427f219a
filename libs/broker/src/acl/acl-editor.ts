import { join } from 'node:path';
import { readIfThere, RocketMQError, writeWhole } from '@nest-rocketmq/runtime';
import { parseAclConfig } from './acl-config.ts';
import { formatAclYaml, parseAclYaml, type YamlMap, type YamlValue } from './acl-yaml.ts';

/** The version of an access file, as it stands in it. */
export interface AclFileVersion {
  counter: number;
  timestamp: number;
}

/** An account without its secret, with the names of `PlainAccessConfig`. */
export interface ShownAclAccount {
  readonly accessKey: string | undefined;
  readonly whiteRemoteAddress: string | undefined;
  readonly admin: boolean;
  readonly defaultTopicPerm: string | undefined;
  readonly defaultGroupPerm: string | undefined;
  readonly topicPerms: readonly string[];
  readonly groupPerms: readonly string[];
}

/** What the access files say, with the names of `GetBrokerClusterAclConfigResponseBody`. */
export interface AclContents {
  readonly globalWhiteAddrs: readonly string[];
  readonly plainAccessConfigs: readonly ShownAclAccount[];
}

/** What of an account a request gives; undefined stays as it is. Lists are written `name=PUB|SUB`. */
export interface AclAccountChange {
  accessKey: string;
  secretKey?: string | undefined;
  whiteRemoteAddress?: string | undefined;
  admin?: boolean | undefined;
  defaultTopicPerm?: string | undefined;
  defaultGroupPerm?: string | undefined;
  topicPerms?: readonly string[] | undefined;
  groupPerms?: readonly string[] | undefined;
}

/**
 * Changes access files as `mqadmin` asks (`PlainPermissionManager`): only those that are in force, and only so that they can
 * be read afterwards. Comments are lost, as in Java.
 */
export class AclEditor {
  readonly #main: string;
  readonly #files: () => readonly string[];
  readonly #now: () => number;

  /** @param files the paths of the access files in force */
  constructor(directory: string, files: () => readonly string[], now: () => number) {
    this.#main = join(directory, 'plain_acl.yml');
    this.#files = files;
    this.#now = now;
  }

  /**
   * Creates an account in `plain_acl.yml`, or changes what is given of one, in its file.
   * @throws RocketMQError `INVALID_CONFIG` when the account would not be legal
   */
  update(change: AclAccountChange): void {
    const path = this.#fileOf(change.accessKey) ?? this.#main;
    this.#edit(path, (document) => {
      const accounts = listOf(document, 'accounts');
      let account = accounts.find((item): item is YamlMap => isAccount(item, change.accessKey));
      if (account === undefined) accounts.push((account = new Map([['accessKey', change.accessKey]])));
      for (const [key, value] of Object.entries(change)) {
        if (value === undefined) continue;
        account.set(key, Array.isArray(value) ? [...(value as string[])] : String(value));
      }
    });
  }

  /** Deletes an account. @throws RocketMQError `INVALID_CONFIG` when there is none, or no other */
  remove(accessKey: string): void {
    const path = this.#fileOf(accessKey);
    if (path === undefined) throw new RocketMQError('INVALID_CONFIG', 'there is no such account');
    const accounts = this.#files().flatMap((file) => listOf(this.#read(file), 'accounts'));
    if (accounts.length <= 1) {
      throw new RocketMQError('INVALID_CONFIG', 'it is the only account: nobody could use this broker');
    }
    this.#edit(path, (document) => {
      const left = listOf(document, 'accounts').filter((item) => !isAccount(item, accessKey));
      document.set('accounts', left);
    });
  }

  /**
   * Sets the whitelist of a file.
   * @param path one of the files in force; undefined: `plain_acl.yml`
   * @throws RocketMQError `INVALID_CONFIG` when it isn't, or an address is none
   */
  setGlobalWhiteRemoteAddresses(addresses: readonly string[], path: string | undefined): void {
    if (path !== undefined && path !== this.#main && !this.#files().includes(path)) {
      throw new RocketMQError('INVALID_CONFIG', 'aclFileFullPath is none of the access files in force');
    }
    this.#edit(path ?? this.#main, (document) => {
      document.set('globalWhiteRemoteAddresses', [...addresses]);
    });
  }

  /** What the files say, all of them together; of accounts, all but their secrets. */
  contents(): AclContents {
    const documents = this.#files().map((path) => this.#read(path));
    const accounts = documents.flatMap((document) => listOf(document, 'accounts'));
    return {
      globalWhiteAddrs: documents.flatMap((document) => textsOf(document, 'globalWhiteRemoteAddresses')),
      plainAccessConfigs: accounts.filter((item): item is YamlMap => item instanceof Map).map(shownAccount),
    };
  }

  /** The versions of the files, by their paths. */
  versions(): Map<string, AclFileVersion> {
    return new Map(this.#files().map((path) => [path, versionOf(this.#read(path))]));
  }

  #fileOf(accessKey: string): string | undefined {
    return this.#files().find((path) =>
      listOf(this.#read(path), 'accounts').some((item) => isAccount(item, accessKey)),
    );
  }

  #edit(path: string, change: (document: YamlMap) => void): void {
    const document = this.#read(path);
    change(document);
    const { counter } = versionOf(document);
    const version: YamlMap = new Map([
      ['counter', String(counter + 1)],
      ['timestamp', String(this.#now())],
    ]);
    document.set('dataVersion', [version]);
    const text = formatAclYaml(document);
    parseAclConfig(text, 'the request');
    writeWhole(path, text);
  }

  #read(path: string): YamlMap {
    return parseAclYaml(readIfThere(path) ?? '', path);
  }
}

function shownAccount(account: YamlMap): ShownAclAccount {
  const text = (key: string): string | undefined => {
    const value = account.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    accessKey: text('accessKey'),
    whiteRemoteAddress: text('whiteRemoteAddress'),
    admin: text('admin') === 'true',
    defaultTopicPerm: text('defaultTopicPerm'),
    defaultGroupPerm: text('defaultGroupPerm'),
    topicPerms: textsOf(account, 'topicPerms'),
    groupPerms: textsOf(account, 'groupPerms'),
  };
}

function textsOf(map: YamlMap, key: string): string[] {
  const value = map.get(key);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function isAccount(item: YamlValue, accessKey: string): item is YamlMap {
  return item instanceof Map && item.get('accessKey') === accessKey;
}

/** The list under a key; made when there is none. */
function listOf(document: YamlMap, key: string): YamlValue[] {
  const value = document.get(key);
  if (Array.isArray(value)) return value;
  const made: YamlValue[] = [];
  document.set(key, made);
  return made;
}

function versionOf(document: YamlMap): AclFileVersion {
  const first = listOf(document, 'dataVersion')[0];
  const number = (key: string): number => {
    const value = first instanceof Map ? Number(first.get(key)) : 0;
    return Number.isSafeInteger(value) ? value : 0;
  };
  return { counter: number('counter'), timestamp: number('timestamp') };
}
