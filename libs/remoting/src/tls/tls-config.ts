import { parseProperties } from '@nest-rocketmq/protocol';
import { readConfigFile, RocketMQError } from '@nest-rocketmq/runtime';

/** What a server does with TLS on its port (`tls.server.mode`): refuses it, takes it and plain connections, or takes nothing else. */
export type TlsMode = 'disabled' | 'permissive' | 'enforcing';

/** Files in PEM, by their paths; each may be left out. */
export interface TlsFiles {
  /** The private key, PKCS#8 or older. */
  keyPath?: string | undefined;
  /** Of a private key that is encrypted. */
  keyPassword?: string | undefined;
  /** The certificate, with those that link it to its authority behind it. */
  certPath?: string | undefined;
  /** The authorities that the peer's certificate may be from. Default: those of Node. */
  trustCertPath?: string | undefined;
}

/** TLS of a server. */
export interface TlsServerConfig extends TlsFiles {
  mode: TlsMode;
  /** Whether clients are asked for a certificate: not at all (default), or asked, or refused without one. */
  needClientAuth?: 'none' | 'optional' | 'require' | undefined;
  /** Whether a client's certificate has to be from a trusted authority. Default false. */
  authClient?: boolean | undefined;
}

/** TLS of a client. */
export interface TlsClientConfig extends TlsFiles {
  /**
   * Whether the server's certificate has to be from a trusted authority. Default true, where Java's is false. Names aren't
   * compared, unless {@link serverName} is given: brokers are known by their addresses.
   */
  authServer?: boolean | undefined;
  /** The name that the servers' certificates must be for. Default: any. */
  serverName?: string | undefined;
}

const KEYS = new Set([
  'tls.test.mode.enable',
  'tls.server.mode',
  'tls.server.need.client.auth',
  'tls.server.keyPath',
  'tls.server.keyPassword',
  'tls.server.certPath',
  'tls.server.authClient',
  'tls.server.trustCertPath',
  'tls.client.keyPath',
  'tls.client.keyPassword',
  'tls.client.certPath',
  'tls.client.authServer',
  'tls.client.trustCertPath',
]);

/** What a properties file with Java's `tls.*` keys says (`TlsSystemConfig`). */
export interface TlsFileContent {
  /** Undefined where the file doesn't say. */
  mode: TlsMode | undefined;
  server: Omit<TlsServerConfig, 'mode'>;
  client: TlsClientConfig;
}

/**
 * Reads the file of `tls.config.file`.
 * @throws RocketMQError `INVALID_CONFIG` naming the file and the key that is wrong; `tls.test.mode.enable=true` is, since there is
 *   no built-in certificate
 */
export function readTlsFile(path: string): TlsFileContent {
  const { properties } = readConfigFile(path, parseProperties);
  const fail = (key: string, what: string): never => {
    throw new RocketMQError('INVALID_CONFIG', `${path}: ${key} ${what}`);
  };
  for (const key of properties.keys()) if (!KEYS.has(key)) fail(key, 'is not known');
  const text = (key: string): string | undefined => properties.get(key)?.trim() || undefined;
  const flag = (key: string): boolean | undefined => {
    const value = text(key)?.toLowerCase();
    if (value === undefined || value === 'true' || value === 'false')
      return value === undefined ? undefined : value === 'true';
    return fail(key, 'must be true or false');
  };
  const oneOf = <T extends string>(key: string, known: readonly T[]): T | undefined => {
    const value = text(key)?.toLowerCase();
    return value === undefined
      ? undefined
      : (known.find((each) => each === value) ?? fail(key, `must be one of ${known.join(', ')}`));
  };
  if (flag('tls.test.mode.enable') === true) {
    fail(
      'tls.test.mode.enable',
      'must be false: there is no built-in certificate. Give tls.server.certPath and keyPath',
    );
  }
  const files = (side: 'server' | 'client'): TlsFiles => ({
    keyPath: text(`tls.${side}.keyPath`),
    keyPassword: text(`tls.${side}.keyPassword`),
    certPath: text(`tls.${side}.certPath`),
    trustCertPath: text(`tls.${side}.trustCertPath`),
  });
  return {
    mode: oneOf('tls.server.mode', ['disabled', 'permissive', 'enforcing']),
    server: {
      ...files('server'),
      needClientAuth: oneOf('tls.server.need.client.auth', ['none', 'optional', 'require']),
      authClient: flag('tls.server.authClient'),
    },
    client: { ...files('client'), authServer: flag('tls.client.authServer') },
  };
}

/** The keys of a server's own configuration that are about TLS. */
export interface TlsKeys {
  'tls.server.mode': string;
  /** Whether it connects to others with TLS. */
  'tls.enable': boolean;
  /** The properties file that {@link readTlsFile} reads; empty: none. */
  'tls.config.file': string;
}

/**
 * TLS of a server by its configuration. What the file says about the mode counts.
 * @throws RocketMQError `INVALID_CONFIG` when the file can't be read
 */
export function tlsServerConfig(keys: TlsKeys): TlsServerConfig {
  const file = fileOf(keys);
  return { mode: file?.mode ?? (keys['tls.server.mode'] as TlsMode), ...file?.server };
}

/**
 * TLS of what a server connects to; undefined: none.
 * @throws RocketMQError `INVALID_CONFIG` when the file can't be read
 */
export function tlsClientConfig(keys: TlsKeys): TlsClientConfig | undefined {
  return keys['tls.enable'] ? (fileOf(keys)?.client ?? {}) : undefined;
}

function fileOf(keys: TlsKeys): TlsFileContent | undefined {
  const path = keys['tls.config.file'];
  return path === '' ? undefined : readTlsFile(path);
}
