import type { AclCredentials } from '../acl/request-signer.ts';
import type { TlsClientConfig } from '@nest-rocketmq/remoting';
import { RocketMQError, silentLogger, systemClock, type Clock, type Logger } from '@nest-rocketmq/runtime';

/** What producers, consumers and the admin have in common: how to reach a cluster (Java's `ClientConfig`). */
export interface ClientOptions {
  /** `host:port` of each NameServer, separated by `;`. */
  nameServer: string;
  /** The IP in the client's id. Default: the first that isn't a loopback's. */
  clientIP?: string;
  /** The second part of the client's id. Default: unique; `DEFAULT` for broadcasting consumers. */
  instanceName?: string;
  /** The third part of the client's id. Default: none. */
  unitName?: string;
  /** How often routes are fetched anew, in milliseconds. Default 30 000. */
  pollNameServerInterval?: number;
  /** How often brokers are told of this client, in milliseconds. Default 30 000. */
  heartbeatBrokerInterval?: number;
  /** Time-out of a request that has none of its own, in milliseconds. Default 3000. */
  mqClientApiTimeout?: number;
  /** Time-out of connecting, in milliseconds. Default 3000. */
  connectTimeout?: number;
  /** Who the client is, to brokers with access control (`AclClientRPCHook`); with {@link secretKey}. Default: nobody. */
  accessKey?: string;
  /** The secret that requests are signed with. It is never sent, and never logged. */
  secretKey?: string;
  /** Sent and signed with temporary credentials. */
  securityToken?: string;
  /**
   * The namespace of topics and groups: brokers know `topic` as `namespace%topic`, applications don't see it
   * (`NamespaceUtil`). Default: none.
   */
  namespace?: string;
  /** The namespace told in a field of every request instead, as clients from 5.1 on do (`NamespaceRpcHook`). Default: none. */
  namespaceV2?: string;
  /** Whether NameServers and brokers are connected to with TLS. Default: when {@link tls} is given. */
  useTLS?: boolean;
  /** Certificates, and whom to trust. Default: the authorities that Node trusts. */
  tls?: TlsClientConfig;
  clock?: Clock;
  logger?: Logger;
}

/** {@link ClientOptions} with nothing left open but the identity. */
export interface ClientSettings {
  nameServers: readonly string[];
  clientIP: string | undefined;
  instanceName: string | undefined;
  unitName: string | undefined;
  pollNameServerInterval: number;
  heartbeatBrokerInterval: number;
  mqClientApiTimeout: number;
  connectTimeout: number;
  credentials: AclCredentials | undefined;
  /** Empty: none. */
  namespace: string;
  namespaceV2: string | undefined;
  /** Undefined: plain connections. */
  tls: TlsClientConfig | undefined;
  clock: Clock;
  logger: Logger;
}

/** Fills in the defaults. @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
export function clientSettings(options: ClientOptions): ClientSettings {
  return {
    nameServers: parseNameServers(options.nameServer),
    clientIP: options.clientIP,
    instanceName: options.instanceName,
    unitName: options.unitName,
    pollNameServerInterval: positive('pollNameServerInterval', options.pollNameServerInterval, 30_000),
    heartbeatBrokerInterval: positive('heartbeatBrokerInterval', options.heartbeatBrokerInterval, 30_000),
    mqClientApiTimeout: positive('mqClientApiTimeout', options.mqClientApiTimeout, 3000),
    connectTimeout: positive('connectTimeout', options.connectTimeout, 3000),
    credentials: credentials(options),
    namespace: namespaceOf('namespace', options.namespace),
    namespaceV2: namespaceOf('namespaceV2', options.namespaceV2) || undefined,
    tls: (options.useTLS ?? options.tls !== undefined) ? (options.tls ?? {}) : undefined,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  };
}

function credentials({ accessKey, secretKey, securityToken }: ClientOptions): AclCredentials | undefined {
  if (!accessKey && !secretKey) return undefined;
  if (!accessKey || !secretKey) {
    throw new RocketMQError('INVALID_CONFIG', 'accessKey and secretKey belong together: give both or none');
  }
  return { accessKey, secretKey, securityToken: securityToken || undefined };
}

function namespaceOf(name: string, value: string | undefined): string {
  if (value === undefined || value === '') return '';
  if (/^[\w|-]+$/.test(value)) return value;
  throw new RocketMQError(
    'INVALID_CONFIG',
    `${name} is ${JSON.stringify(value)}: it may have letters, digits, _, - and | alone`,
  );
}

/**
 * Splits `host:port;host:port`; an IPv6 host may stand in brackets.
 * @throws RocketMQError `INVALID_CONFIG` when there is none, or one is not an address
 */
export function parseNameServers(text: string): string[] {
  const addresses = [...new Set((text ?? '').split(/[;,\s]+/).filter((address) => address !== ''))];
  if (addresses.length === 0) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      "No NameServer is given: set nameServer, for example to '127.0.0.1:9876' or 'a:9876;b:9876'",
    );
  }
  for (const address of addresses) {
    const port = Number(/^(?:\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(address)?.[1] ?? 0);
    if (port < 1 || port > 65_535) {
      throw new RocketMQError('INVALID_CONFIG', `nameServer: ${JSON.stringify(address)} is not host:port`);
    }
  }
  return addresses;
}

/** @throws RocketMQError `INVALID_CONFIG` when a number is outside its range; `fallback` when it isn't given */
export function inRange(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new RocketMQError('INVALID_CONFIG', `${name} is ${value}: it must be between ${min} and ${max}`);
}

/** @throws RocketMQError `INVALID_CONFIG` when a value is none of those an option can have */
export function oneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new RocketMQError(
    'INVALID_CONFIG',
    `${name} is ${JSON.stringify(value)}: it must be ${known.join(', ')}`,
  );
}

function positive(name: string, value: number | undefined, fallback: number): number {
  return inRange(name, value, fallback, 1, 0x7fff_ffff);
}
