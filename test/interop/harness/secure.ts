import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/our-servers.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { javaArguments, rocketmqHome, writeProperties } from './java-home.ts';
import type { ServerVersion } from './official.ts';
import { Server } from './server.ts';
import { classPath } from './toolchain.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const certificate = (name: string): string => join(root, 'test/support/certificates', name);

/** The accounts of these servers. */
export const OPERATOR = { accessKey: 'operator', secretKey: 'secret-of-operator' };
export const FRONT = { accessKey: 'shop-front', secretKey: 'secret-of-front' };
/** What the server's certificate is signed by. */
export const AUTHORITY = { trustCertPath: certificate('ca.pem') };
/** The topic that {@link FRONT} may not use. */
export const FORBIDDEN = 'forbidden';

const ACCOUNTS = `accounts:
- accessKey: ${OPERATOR.accessKey}
  secretKey: ${OPERATOR.secretKey}
  admin: true
- accessKey: ${FRONT.accessKey}
  secretKey: ${FRONT.secretKey}
  admin: false
  defaultTopicPerm: PUB|SUB
  defaultGroupPerm: SUB
  topicPerms:
  - ${FORBIDDEN}=DENY
`;

/** A NameServer and a broker that take TLS connections alone, and requests that are signed alone. */
export interface SecureServers {
  nameServer: Server;
  broker: Server;
}

/** Ours, by their commands. */
export async function ourSecureServers(): Promise<SecureServers> {
  const home = rocketmqHome('secure-broker');
  writeFileSync(join(home, 'conf', 'plain_acl.yml'), ACCOUNTS);
  const tls = { ...tlsFile(home), 'tls.server.mode': 'enforcing', 'tls.enable': true };
  const namesrv = rocketmqHome('secure-namesrv');
  const nameServer = await ours('namesrv', 'mqnamesrv', namesrv, {
    listenPort: await freePort(),
    kvConfigPath: join(namesrv, 'kvConfig.json'),
    configStorePath: join(namesrv, 'namesrv.properties'),
    ...tls,
  });
  const broker = await ours('broker', 'mqbroker', home, {
    brokerName: 'broker-a',
    listenPort: await freePort(),
    namesrvAddr: nameServer.address,
    storePathRootDir: join(home, 'store'),
    aclEnable: true,
    rocketmqHome: home,
    ...tls,
  });
  return { nameServer, broker };
}

/** Apache's: with `plain_acl.yml` as long as there was such a thing, with users from then on. */
export async function officialSecureServers(version: ServerVersion): Promise<SecureServers> {
  const home = rocketmqHome(`secure-broker-${version}`);
  writeFileSync(join(home, 'conf', 'plain_acl.yml'), ACCOUNTS);
  const user = ({ accessKey, secretKey }: typeof OPERATOR): string =>
    JSON.stringify({ accessKey, secretKey });
  const access: Properties =
    version === '4.9.7'
      ? { aclEnable: true }
      : {
          authenticationEnabled: true,
          authenticationProvider:
            'org.apache.rocketmq.auth.authentication.provider.DefaultAuthenticationProvider',
          authenticationMetadataProvider:
            'org.apache.rocketmq.auth.authentication.provider.LocalAuthenticationMetadataProvider',
          initAuthenticationUser: JSON.stringify({
            username: OPERATOR.accessKey,
            password: OPERATOR.secretKey,
          }),
          innerClientAuthenticationCredentials: user(OPERATOR),
        };
  const namesrv = rocketmqHome(`secure-namesrv-${version}`);
  const nameServer = await official(version, 'namesrv.NamesrvStartup', namesrv, {
    listenPort: await freePort(),
  });
  const listenPort = await freePort();
  const broker = await official(version, 'broker.BrokerStartup', home, {
    brokerName: 'broker-a',
    brokerIP1: '127.0.0.1',
    listenPort,
    haListenPort: listenPort + 1,
    namesrvAddr: nameServer.address,
    storePathRootDir: join(home, 'store'),
    storePathCommitLog: join(home, 'store', 'commitlog'),
    autoCreateTopicEnable: true,
    ...access,
  });
  return { nameServer, broker };
}

type Properties = Record<string, string | number | boolean>;

async function ours(app: string, bin: string, home: string, properties: Properties): Promise<Server> {
  const conf = join(home, `${app}.conf`);
  writeProperties(conf, properties);
  const process_ = await ServerProcess.start({
    command: process.execPath,
    args: [join(root, 'apps', app, 'bin', `${bin}.js`), '-c', conf],
    ready: /boot success/,
  });
  return new Server(`127.0.0.1:${properties.listenPort}`, process_, home);
}

async function official(
  version: ServerVersion,
  main: string,
  home: string,
  properties: Properties,
): Promise<Server> {
  const conf = join(home, 'server.conf');
  writeProperties(conf, properties);
  const tls = tlsFile(home);
  const server = await ServerProcess.start({
    command: 'java',
    args: [
      '-Dtls.server.mode=enforcing',
      '-Dtls.enable=true',
      ...Object.entries(tls).map(([key, value]) => `-D${key}=${value}`),
      ...javaArguments(home, '768m', classPath(`server-${version}`), `org.apache.rocketmq.${main}`),
      '-c',
      conf,
    ],
    ready: /boot success/,
  });
  return new Server(`127.0.0.1:${properties.listenPort}`, server, home);
}

/** Writes the file that says which certificate to show and whom to trust; the same for both makes. */
function tlsFile(home: string): { 'tls.config.file': string } {
  mkdirSync(home, { recursive: true });
  const path = join(home, 'tls.properties');
  writeProperties(path, {
    'tls.test.mode.enable': false,
    'tls.server.need.client.auth': 'none',
    'tls.server.keyPath': certificate('server.key'),
    'tls.server.certPath': certificate('server.pem'),
    'tls.client.authServer': true,
    'tls.client.trustCertPath': certificate('ca.pem'),
  });
  return { 'tls.config.file': path };
}
