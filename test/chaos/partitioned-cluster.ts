import { startBroker, startNameServer, freePort } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { TcpProxy, type Direction } from '../support/tcp-proxy.ts';

/** Who can be cut off from all others. */
export type Node = 'producer' | 'consumer' | 'broker' | 'namesrv';
/** Seen from the node: what is sent to it does not arrive, what it sends does not, or neither. */
export type Way = 'in' | 'out' | 'both';

/** A way between two nodes: the first is the one that connects. */
type LinkName = `${Node}-${Node}`;
const LINKS = [
  'broker-namesrv',
  'producer-namesrv',
  'consumer-namesrv',
  'producer-broker',
  'consumer-broker',
] as const satisfies readonly LinkName[];
type Link = (typeof LINKS)[number];

/**
 * A NameServer and a broker, a producer's and a consumer's place, and a network between the four that fails for one of
 * them at a time. The broker is at another address for each client: their NameServer's answers are translated, as a
 * network does.
 */
export class PartitionedCluster {
  private constructor(
    readonly namesrv: ServerProcess,
    readonly broker: ServerProcess,
    /** Both by ways that never fail. */
    readonly direct: { namesrv: string; broker: string },
    readonly links: Readonly<Record<Link, TcpProxy>>,
  ) {}

  static async start(folder: string): Promise<PartitionedCluster> {
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    const direct = { namesrv: `127.0.0.1:${namesrvPort}`, broker: `127.0.0.1:${brokerPort}` };
    const namesrv = await startNameServer(folder, namesrvPort);
    const brokerLink = await TcpProxy.start({ target: direct.namesrv });
    const broker = await startBroker({ folder, port: brokerPort, nameServer: brokerLink.address });
    const clientLinks = async (host: string): Promise<[TcpProxy, TcpProxy]> => [
      await TcpProxy.start({
        target: direct.namesrv,
        rewrite: [direct.broker, `${host}:${brokerPort}`],
      }),
      await TcpProxy.start({ target: direct.broker, host, port: brokerPort }),
    ];
    const producer = await clientLinks('127.0.0.2');
    const consumer = await clientLinks('127.0.0.3');
    return new PartitionedCluster(namesrv, broker, direct, {
      'broker-namesrv': brokerLink,
      'producer-namesrv': producer[0],
      'producer-broker': producer[1],
      'consumer-namesrv': consumer[0],
      'consumer-broker': consumer[1],
    });
  }

  /** The NameServer, by the way a node has to it. */
  nameServer(node: 'producer' | 'consumer'): string {
    return this.links[`${node}-namesrv`].address;
  }

  /** Cuts a node off; nothing it sent, or was sent, is lost for good: it arrives after {@link heal}. */
  isolate(node: Node, way: Way): void {
    for (const name of LINKS) {
      const [client, server] = name.split('-');
      if (client === node) this.links[name].hold(DIRECTION_OF_CLIENT[way]);
      if (server === node) this.links[name].hold(DIRECTION_OF_SERVER[way]);
    }
  }

  heal(): void {
    for (const name of LINKS) this.links[name].heal();
  }

  /** Resets every connection of a node. */
  cut(node: Node): void {
    for (const name of LINKS) if (name.split('-').includes(node)) this.links[name].cut();
  }

  async stop(): Promise<void> {
    await Promise.all(LINKS.map((name) => this.links[name].close()));
    await this.broker.kill();
    await this.namesrv.kill();
  }
}

const DIRECTION_OF_CLIENT: Record<Way, Direction> = { in: 'down', out: 'up', both: 'both' };
const DIRECTION_OF_SERVER: Record<Way, Direction> = { in: 'up', out: 'down', both: 'both' };
