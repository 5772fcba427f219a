import { join } from 'node:path';
import { rocketmqHome, writeProperties } from '../interop/harness/java-home.ts';
import type { ServerVersion } from '../interop/harness/official.ts';
import { classPath } from '../interop/harness/toolchain.ts';
import { freePort, startBroker } from '../support/our-servers.ts';
import { ServerProcess } from '../support/server-process.ts';

/** A broker to be measured: ours, or one of Apache's. */
export interface Contestant {
  name: string;
  address: string;
  process: ServerProcess;
  official: boolean;
}

export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH';

/** Our broker, by its bin, with its defaults; it stands alone, for a load addresses it directly. */
export async function ourBroker(folder: string, flushDiskType: FlushDiskType): Promise<Contestant> {
  const port = await freePort();
  const process = await startBroker({ folder: join(folder, 'ours'), port, config: { flushDiskType } });
  return { name: 'ours', address: `127.0.0.1:${port}`, process, official: false };
}

/**
 * Apache's broker with its defaults, but for what would make it refuse requests while its JIT is cold (its busy
 * time-outs) and two send threads for the two cores. The JVM runs as it comes: server compiler, default collector.
 */
export async function officialBroker(
  folder: string,
  version: ServerVersion,
  flushDiskType: FlushDiskType,
): Promise<Contestant> {
  const home = rocketmqHome(`performance-${version}`);
  const port = await freePort();
  const store = join(folder, version);
  const conf = join(home, 'broker.conf');
  writeProperties(conf, {
    brokerName: 'broker-a',
    brokerIP1: '127.0.0.1',
    listenPort: port,
    haListenPort: port + 1,
    storePathRootDir: store,
    storePathCommitLog: join(store, 'commitlog'),
    flushDiskType,
    sendMessageThreadPoolNums: 2,
    waitTimeMillsInSendQueue: 10_000,
    waitTimeMillsInPullQueue: 30_000,
    osPageCacheBusyTimeOutMills: 5_000,
  });
  const process = await ServerProcess.start({
    command: 'java',
    args: [
      '--add-opens=java.base/java.nio=ALL-UNNAMED',
      '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
      '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
      '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
      `-Drocketmq.home.dir=${home}`,
      `-Duser.home=${home}`,
      '-Xms2g',
      '-Xmx2g',
      '-cp',
      classPath(`server-${version}`),
      'org.apache.rocketmq.broker.BrokerStartup',
      '-c',
      conf,
    ],
    ready: /boot success/,
  });
  return { name: version, address: `127.0.0.1:${port}`, process, official: true };
}
