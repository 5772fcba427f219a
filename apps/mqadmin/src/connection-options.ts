import { join } from 'node:path';
import { Option } from 'commander';
import type { ClientOptions } from '@nest-rocketmq/client';
import { readIfThere, RocketMQError } from '@nest-rocketmq/runtime';

/** What every command can be told: which cluster, how, and how to print. */
export interface CommonOptions {
  readonly namesrvAddr?: string;
  readonly tls?: boolean;
  readonly trustCert?: string;
  readonly format: 'table' | 'json';
}

/** The options that every command has. Made anew, because a commander's option belongs to one command. */
export function commonOptions(): Option[] {
  return [
    new Option(
      '-n, --namesrvAddr <addresses>',
      "NameServers: 'host:port', several by ';' (default: the environment's NAMESRV_ADDR)",
    ),
    new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'),
    new Option('--tls', 'connect with TLS'),
    new Option('--trustCert <file>', 'the authorities to trust, as PEM; implies --tls'),
  ];
}

/**
 * How to reach the cluster. Who asks comes from ROCKETMQ_ACCESS_KEY and ROCKETMQ_SECRET_KEY, else from `conf/tools.yml` under
 * ROCKETMQ_HOME, where Apache's tools have it: not from the command line, which everybody on the machine can read.
 * @throws RocketMQError `INVALID_CONFIG` when no NameServer is given, or a file can't be read
 */
export function clientOptions(options: CommonOptions, environment: NodeJS.ProcessEnv): ClientOptions {
  const nameServer = options.namesrvAddr ?? environment.NAMESRV_ADDR;
  if (!nameServer) {
    throw new RocketMQError('INVALID_CONFIG', 'no NameServer: give -n host:port, or set NAMESRV_ADDR');
  }
  const { trustCert, tls = false } = options;
  return {
    nameServer,
    instanceName: `tools-${process.pid}`,
    ...credentials(environment),
    ...(trustCert === undefined ? tls && { useTLS: true } : { tls: { trustCertPath: there(trustCert) } }),
  };
}

function credentials(
  environment: NodeJS.ProcessEnv,
): Pick<ClientOptions, 'accessKey' | 'secretKey' | 'securityToken'> {
  const { ROCKETMQ_ACCESS_KEY, ROCKETMQ_SECRET_KEY, ROCKETMQ_SECURITY_TOKEN, ROCKETMQ_HOME } = environment;
  if (ROCKETMQ_ACCESS_KEY || ROCKETMQ_SECRET_KEY) {
    return {
      ...(ROCKETMQ_ACCESS_KEY && { accessKey: ROCKETMQ_ACCESS_KEY }),
      ...(ROCKETMQ_SECRET_KEY && { secretKey: ROCKETMQ_SECRET_KEY }),
      ...(ROCKETMQ_SECURITY_TOKEN && { securityToken: ROCKETMQ_SECURITY_TOKEN }),
    };
  }
  if (!ROCKETMQ_HOME) return {};
  return fromToolsYml(readIfThere(join(ROCKETMQ_HOME, 'conf', 'tools.yml')) ?? '');
}

/** The two lines that tools.yml has: `accessKey: name` and `secretKey: secret`. */
function fromToolsYml(text: string): Pick<ClientOptions, 'accessKey' | 'secretKey'> {
  const value = (key: string): string | undefined =>
    new RegExp(String.raw`^${key}:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#]+))`, 'm')
      .exec(text)
      ?.slice(1)
      .find(Boolean);
  const accessKey = value('accessKey');
  const secretKey = value('secretKey');
  return { ...(accessKey && { accessKey }), ...(secretKey && { secretKey }) };
}

function there(file: string): string {
  if (readIfThere(file) !== undefined) return file;
  throw new RocketMQError('INVALID_CONFIG', `--trustCert: there is no file ${file}`);
}
