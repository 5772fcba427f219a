import { parseArgs } from 'node:util';
import type { RocketMQModuleOptions } from 'nest-rocketmq';

export interface Settings {
  /** The cluster to run on. */
  rocketmq: RocketMQModuleOptions;
  /** Stop after the first messages, one of which came again. */
  once: boolean;
}

/**
 * Reads the command line: `--name-server host:port` (or NAMESRV_ADDR) for a cluster that runs elsewhere, `--store-path`
 * for the directory of the embedded one, `--once` to stop by itself.
 */
export function readSettings(args: string[], environment: NodeJS.ProcessEnv): Settings {
  const { values } = parseArgs({
    args,
    options: {
      'name-server': { type: 'string', default: environment.NAMESRV_ADDR },
      'store-path': { type: 'string', default: '.rocketmq' },
      once: { type: 'boolean', default: false },
    },
  });
  const nameServer = values['name-server'];
  const producer = { group: 'order-service' };
  return {
    rocketmq: nameServer
      ? { nameServer, producer }
      : { embedded: { storePath: values['store-path'] }, producer },
    once: values.once,
  };
}
