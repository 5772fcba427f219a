import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Broker } from '@nest-rocketmq/broker';
import { NameServer } from '@nest-rocketmq/namesrv';

/** The file of a certificate or key of the tests. */
export const certificate = (name: string): string =>
  fileURLToPath(new URL(`certificates/${name}`, import.meta.url));

/** Trusts the authority that the servers' certificates are from. */
export const authority = { trustCertPath: certificate('ca.pem') };

/** A NameServer and a broker that take nothing but TLS, and a broker that asks everybody who they are. */
export class SecureCluster {
  /** The `rocketmq.home.dir`: access rules in `conf`, messages in `store`. */
  readonly home: string;
  readonly #nameServer: NameServer;
  readonly #broker: Broker;

  private constructor(home: string, nameServer: NameServer, broker: Broker) {
    this.home = home;
    this.#nameServer = nameServer;
    this.#broker = broker;
  }

  /** @param rules what is in `plain_acl.yml` */
  static async start(rules: string): Promise<SecureCluster> {
    const home = mkdtempSync(join(tmpdir(), 'secure-cluster-'));
    mkdirSync(join(home, 'conf'));
    writeFileSync(join(home, 'conf', 'plain_acl.yml'), rules);
    const tlsFile = join(home, 'tls.properties');
    writeFileSync(
      tlsFile,
      'tls.test.mode.enable=false\n' +
        `tls.server.certPath=${certificate('server.pem')}\ntls.server.keyPath=${certificate('server.key')}\n` +
        `tls.client.trustCertPath=${certificate('ca.pem')}\n`,
    );
    const tls = { 'tls.server.mode': 'enforcing', 'tls.enable': true, 'tls.config.file': tlsFile };
    const nameServer = new NameServer({ listenPort: 0, ...tls });
    await nameServer.start();
    const broker = new Broker({
      listenPort: 0,
      brokerName: 'broker-a',
      namesrvAddr: nameServer.address,
      storePathRootDir: join(home, 'store'),
      mappedFileSizeCommitLog: 16 * 1024 * 1024,
      aclEnable: true,
      rocketmqHome: home,
      ...tls,
    });
    await broker.start();
    return new SecureCluster(home, nameServer, broker);
  }

  get nameServer(): string {
    return this.#nameServer.address;
  }

  /** Stops both and removes what they wrote. */
  async remove(): Promise<void> {
    await this.#broker.shutdown();
    await this.#nameServer.shutdown();
    rmSync(this.home, { recursive: true, force: true });
  }
}
