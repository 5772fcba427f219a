import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  MixAll,
  RequestCode,
  requestCodeName,
  ResponseCode,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { printable, RocketMQError } from '@nest-rocketmq/runtime';
import type { AclAccount, AclConfig } from './acl-config.ts';
import { COMMAND_ACCESS, type NeededPermission } from './command-access.ts';
import { Permission } from './permission.ts';
import type { RemoteAddresses } from './remote-addresses.ts';

/** Where clients leave the traces of their messages: every account may, as in Java. */
const TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC';

/**
 * The access files of a broker put together, and the decision about each request (`PlainPermissionManager`).
 *
 * Whitelists narrow here: a request from another address is refused, one from a listed address still needs its signature. In
 * Java a listed address needs none.
 */
export class AccessRules {
  readonly #accounts = new Map<string, AclAccount>();
  readonly #whitelist: readonly RemoteAddresses[];

  /** @throws RocketMQError `INVALID_CONFIG` when an access key is in them twice */
  constructor(configs: readonly AclConfig[]) {
    for (const account of configs.flatMap(({ accounts }) => accounts)) {
      if (this.#accounts.has(account.accessKey)) {
        throw new RocketMQError(
          'INVALID_CONFIG',
          `The account ${account.accessKey} is in the access files more than once`,
        );
      }
      this.#accounts.set(account.accessKey, account);
    }
    this.#whitelist = configs.flatMap((config) => config.globalWhiteRemoteAddresses);
  }

  /** How many accounts there are. */
  get size(): number {
    return this.#accounts.size;
  }

  /**
   * Lets a request pass: its account is known, is used from where it may be, has signed it, and may do what it asks.
   * @param ip the sender's address
   * @throws ResponseError NO_PERMISSION (16) with Java's words; REQUEST_CODE_NOT_SUPPORTED (3) for a command that is in no table
   */
  check(request: RemotingCommand, ip: string): void {
    const account = this.#authenticate(request, ip);
    const access = COMMAND_ACCESS.get(request.code);
    if (access === undefined) {
      throw new ResponseError(
        ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
        `request type ${request.code} not supported`,
      );
    }
    if (access === 'admin') {
      if (account.admin) return;
      throw denied(
        `Need admin permission for request code=${request.code} (${requestCodeName(request.code)}), ` +
          `but accessKey=${account.accessKey} is not`,
      );
    }
    if (access === 'account') return;
    for (const needed of access(request)) {
      if (!isAllowed(account, needed)) {
        throw denied(`No default permission for ${needed.kind}:${printable(needed.name)}`);
      }
    }
  }

  #authenticate(request: RemotingCommand, ip: string): AclAccount {
    const accessKey = request.get('AccessKey');
    if (accessKey === undefined || accessKey === '') throw denied('No accessKey is configured');
    const account = this.#accounts.get(accessKey);
    if (account === undefined) throw denied(`No acl config for ${printable(accessKey)}`);
    const listed = this.#whitelist.length === 0 || this.#whitelist.some((addresses) => addresses.include(ip));
    if (!listed || account.whiteRemoteAddress?.include(ip) === false) {
      throw denied(`accessKey=${accessKey} must not be used from ${ip}: no whitelist has that address`);
    }
    if (!isSigned(request, account)) throw denied(`Check signature failed for accessKey=${accessKey}`);
    return account;
  }
}

function isAllowed(account: AclAccount, { kind, name, needed }: NeededPermission): boolean {
  if (kind === 'topic' && name === TRACE_TOPIC && needed === Permission.PUB) return true;
  const { admin, topicPerms, groupPerms } = account;
  // An administrator's own permissions narrow what it may do; without any it may do everything.
  if (admin && topicPerms.size === 0 && groupPerms.size === 0) return true;
  const permissions = kind === 'topic' ? topicPerms : groupPerms;
  const fallback = kind === 'topic' ? account.defaultTopicPerm : account.defaultGroupPerm;
  return ((permissions.get(name) ?? fallback) & needed) !== 0;
}

function isSigned(request: RemotingCommand, account: AclAccount): boolean {
  const signature = Buffer.from(request.get('Signature') ?? '', 'base64');
  if (matches(signature, request, account, undefined)) return true;
  // Clients differ in whether they sign this field.
  return (
    request.code === RequestCode.QUERY_MESSAGE &&
    matches(signature, request, account, MixAll.UNIQUE_MSG_QUERY_FLAG)
  );
}

function matches(
  signature: Buffer,
  { extFields, body }: RemotingCommand,
  account: AclAccount,
  unsigned: string | undefined,
): boolean {
  const hmac = createHmac('sha1', account.secret);
  for (const key of [...extFields.keys()].sort()) {
    if (key !== 'Signature' && key !== unsigned) hmac.update(extFields.get(key) ?? '', 'utf8');
  }
  const expected = hmac.update(body).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function denied(why: string): ResponseError {
  return new ResponseError(ResponseCode.NO_PERMISSION, why);
}
