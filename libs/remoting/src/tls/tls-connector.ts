import type { ConnectionOptions } from 'node:tls';
import type { TlsClientConfig } from './tls-config.ts';
import { loadTlsFiles, tlsFilesState } from './tls-files.ts';

/** How the connections of a client are made secure. Files that changed are read again with the next connection. */
export class TlsConnector {
  readonly #config: TlsClientConfig;
  #state: string;
  #options: ConnectionOptions;

  /** @throws RocketMQError `INVALID_CONFIG` when the files can't be used */
  constructor(config: TlsClientConfig) {
    this.#config = config;
    this.#state = tlsFilesState(config);
    this.#options = this.#load();
  }

  /**
   * What to connect with now.
   * @throws RocketMQError `INVALID_CONFIG` when files changed and can't be used any more
   */
  options(): ConnectionOptions {
    const state = tlsFilesState(this.#config);
    if (state !== this.#state) {
      this.#options = this.#load();
      this.#state = state;
    }
    return this.#options;
  }

  #load(): ConnectionOptions {
    const { authServer = true, serverName } = this.#config;
    return {
      ...loadTlsFiles(this.#config),
      rejectUnauthorized: authServer,
      ...(serverName === undefined ? { checkServerIdentity: () => undefined } : { servername: serverName }),
    };
  }
}
