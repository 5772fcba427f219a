import { NotifyMinBrokerIdChange, RemotingCommand } from '@nest-rocketmq/protocol';
import { RemotingClient, type TlsClientConfig } from '@nest-rocketmq/remoting';
import type { Logger } from '@nest-rocketmq/runtime';
import type { MinBrokerIdChange } from './route/route-info-manager.ts';

/** Tells the members of a broker group who has the smallest id now (code 905, one-way), on connections of its own. */
export class MinBrokerIdNotifier {
  readonly #logger: Logger;
  readonly #tls: TlsClientConfig | undefined;
  #client: RemotingClient | undefined;

  /** @param tls how brokers are connected to; undefined: plainly */
  constructor(logger: Logger, tls?: TlsClientConfig) {
    this.#logger = logger;
    this.#tls = tls;
  }

  /** Tells every member of the change; one that cannot be reached learns it with its next registration. */
  notify({ notify, ...header }: MinBrokerIdChange): void {
    this.#client ??= new RemotingClient({ logger: this.#logger, tls: this.#tls });
    const fields = NotifyMinBrokerIdChange.request.encode(header);
    for (const address of notify) {
      const request = RemotingCommand.request(NotifyMinBrokerIdChange.code, fields).markOneway();
      this.#client.oneway(address, request).catch((error: unknown) => {
        this.#logger.warn(`Broker ${address} could not be told of the change of its group`, error);
      });
    }
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}
