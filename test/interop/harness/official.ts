import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/our-servers.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { javaArguments, rocketmqHome, writeProperties } from './java-home.ts';
import { Server, type BrokerProperties } from './server.ts';
import { classPath } from './toolchain.ts';

/** The versions whose servers were published whole. */
export type ServerVersion = '4.9.7' | '5.5.0';

/** Apache's NameServer. */
export async function officialNameServer(version: ServerVersion): Promise<Server> {
  const home = rocketmqHome(`namesrv-${version}`);
  const port = await freePort();
  const conf = join(home, 'namesrv.conf');
  writeProperties(conf, { listenPort: port });
  const main = 'org.apache.rocketmq.namesrv.NamesrvStartup';
  const process = await ServerProcess.start({
    command: 'java',
    args: [...javaArguments(home, '256m', classPath(`server-${version}`), main), '-c', conf],
    ready: /boot success/,
  });
  return new Server(`127.0.0.1:${port}`, process, home);
}

/** Apache's broker. */
export async function officialBroker(
  version: ServerVersion,
  nameServer: string,
  storePath: string,
  properties: BrokerProperties = {},
): Promise<Server> {
  const home = rocketmqHome(`broker-${version}`);
  const port = await freePort();
  const conf = join(home, 'broker.conf');
  writeProperties(conf, {
    brokerName: 'broker-a',
    brokerIP1: '127.0.0.1',
    listenPort: port,
    haListenPort: port + 1,
    storePathRootDir: storePath,
    storePathCommitLog: join(storePath, 'commitlog'),
    autoCreateTopicEnable: true,
    enablePropertyFilter: true,
    ...properties,
  });
  const main = 'org.apache.rocketmq.broker.BrokerStartup';
  const process = await ServerProcess.start({
    command: 'java',
    args: [
      ...javaArguments(home, '768m', classPath(`server-${version}`), main),
      '-c',
      conf,
      '-n',
      nameServer,
    ],
    ready: /boot success/,
  });
  return new Server(`127.0.0.1:${port}`, process, home);
}

/** The address of a proxy is that for gRPC clients. */
export class Proxy extends Server {
  /** What remoting clients take for a NameServer and its broker. */
  readonly remotingAddress: string;

  constructor(address: string, remotingAddress: string, process: ServerProcess, directory: string) {
    super(address, process, directory);
    this.remotingAddress = remotingAddress;
  }
}

/** Apache's proxy of 5.5.0 in cluster mode: clients talk to it, and it to the brokers of that NameServer. */
export async function officialProxy(nameServer: string): Promise<Proxy> {
  const home = rocketmqHome('proxy');
  const [grpcServerPort, remotingListenPort] = [await freePort(), await freePort()];
  const conf = join(home, 'conf', 'rmq-proxy.json');
  const config = {
    rocketMQClusterName: 'DefaultCluster',
    proxyMode: 'CLUSTER',
    namesrvAddr: nameServer,
    grpcServerPort,
    remotingListenPort,
    // Where it says it is: else one of this machine's other addresses.
    localServeAddr: '127.0.0.1',
  };
  writeFileSync(conf, JSON.stringify(config));
  const main = 'org.apache.rocketmq.proxy.ProxyStartup';
  const process = await ServerProcess.start({
    command: 'java',
    args: [...javaArguments(home, '512m', classPath('proxy-5.5.0'), main), '-pc', conf],
    ready: /startup successfully/,
  });
  return new Proxy(`127.0.0.1:${grpcServerPort}`, `127.0.0.1:${remotingListenPort}`, process, home);
}
