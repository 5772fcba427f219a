import { resolve } from 'node:path';
import { RocketMQError, systemClock, type Logger } from '@nest-rocketmq/runtime';
import { DefaultMessageConverter, type MessageConverter } from '../conversion/message-converter.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';
import type { TemplateConnection } from '../template/rocketmq-template.ts';
import { TransactionListeners } from '../transaction/transaction-listeners.ts';
import type {
  Admin,
  ClientFactory,
  Consumer,
  LocalCluster,
  Producer,
  PullConsumer,
} from './client-factory.ts';
import { connectInBackground } from './background-connect.ts';
import { nestLogger } from './nest-logger.ts';
import type { ResolvedOptions } from './options.ts';
import { securityOptions } from './security-options.ts';
import { traceOptions } from './trace-options.ts';

/** What a listener's consumer is made with; what it doesn't say is the connection's. */
export type ConsumerOptions = Omit<Parameters<ClientFactory['consumer']>[0], 'nameServer' | 'logger'> & {
  nameServer?: string;
};

/** One cluster that the application talks to: its producer, and what its listeners' consumers are made with. */
export class RocketMQConnection implements TemplateConnection {
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly converter: MessageConverter;
  readonly logger: Logger;
  /** Who answers for transactions. */
  readonly transactions = new TransactionListeners();
  readonly #factory: ClientFactory;
  #local: LocalCluster | undefined;
  #nameServer: string | undefined;
  #producer: Producer | undefined;
  #pullConsumer: PullConsumer | undefined;
  #admin: Promise<Admin> | undefined;
  #closed = false;
  readonly #closing = new AbortController();

  constructor(name: string, options: ResolvedOptions, factory: ClientFactory) {
    this.name = name;
    this.options = options;
    this.converter = options.converter ?? new DefaultMessageConverter();
    this.logger = nestLogger(name);
    this.#factory = factory;
  }

  get maxMessageSize(): number {
    return this.options.producer.maxMessageSize;
  }

  get messageQueueSelector(): ResolvedOptions['producer']['messageQueueSelector'] {
    return this.options.producer.messageQueueSelector;
  }

  get defaultDestination(): string | undefined {
    return this.options.defaultDestination;
  }

  /** `host:port` of the NameServers, separated by `;`. Of an embedded cluster it is known once that was started. */
  get nameServer(): string {
    return this.#nameServer ?? this.#wrongState();
  }

  /** Where the embedded broker and its files are; undefined on any other cluster. */
  get embedded(): { brokerAddress: string; storePath: string } | undefined {
    return this.#local && { brokerAddress: this.#local.brokerAddress, storePath: this.#storePath };
  }

  get producer(): Producer {
    return this.#producer ?? this.#wrongState();
  }

  get pullConsumer(): PullConsumer {
    if (this.#pullConsumer) return this.#pullConsumer;
    if (this.options.pullConsumer) return this.#wrongState();
    throw new RocketMQError(
      'INVALID_CONFIG',
      `Connection '${this.name}' has nothing to receive from: give the option pullConsumer, with group and topic`,
    );
  }

  /** Makes a consumer of this connection; it is not started. */
  consumer(options: ConsumerOptions): Consumer {
    return this.#factory.consumer({
      ...securityOptions(this.options),
      ...options,
      ...traceOptions(this.options, options),
      nameServer: options.nameServer ?? this.nameServer,
      logger: this.logger,
    });
  }

  /** What the cluster is asked about groups and queues with; made when it is asked for first. */
  admin(): Promise<Admin> {
    if (this.#closed)
      return Promise.reject(new RocketMQError('WRONG_STATE', `Connection '${this.name}' is closed`));
    this.#admin ??= this.#startAdmin().catch((error: unknown) => {
      this.#admin = undefined;
      throw error;
    });
    return this.#admin;
  }

  /** The namespace that the names of topics and groups are in, as brokers know them; empty: none. */
  get namespace(): string {
    return this.options.namespace ?? '';
  }

  /**
   * Starts the embedded cluster where there is one, makes sure that a NameServer answers, and starts the producer.
   * @throws RocketMQError when no NameServer answers and the options don't say `connect: 'background'`
   */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes the producer, then the embedded cluster. Closing twice does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    const [producer, pullConsumer, local] = [this.#producer, this.#pullConsumer, this.#local];
    this.#producer = undefined;
    this.#pullConsumer = undefined;
    this.#local = undefined;
    const admin = this.#admin;
    this.#admin = undefined;
    await (await admin?.catch(() => undefined))?.shutdown();
    await pullConsumer?.shutdown();
    await producer?.shutdown();
    await local?.shutdown();
  }

  async #start(): Promise<void> {
    const { cluster, connect, producer } = this.options;
    if ('embedded' in cluster) {
      const storePath = this.#storePath;
      this.#local = await this.#factory.localCluster(cluster.embedded, storePath, this.logger);
      this.#nameServer = this.#local.nameServer;
      this.logger.info(
        `NameServer ${this.#local.nameServer} and broker ${this.#local.brokerAddress} run in this process, their files are in ${storePath}`,
      );
    } else {
      this.#nameServer = cluster.nameServer;
    }
    const client = this.#factory.producer({
      ...securityOptions(this.options),
      group: producer.group,
      nameServer: this.#nameServer,
      sendMsgTimeout: producer.sendMessageTimeout,
      retryTimesWhenSendFailed: producer.retryTimesWhenSendFailed,
      retryAnotherBrokerWhenNotStoreOK: producer.retryNextServer,
      compressMsgBodyOverHowmuch: producer.compressMessageBodyThreshold,
      compressType: producer.compressType,
      compressLevel: producer.compressLevel,
      sendLatencyFaultEnable: producer.sendLatencyFaultEnable,
      maxMessageSize: producer.maxMessageSize,
      ...traceOptions(this.options, producer),
      transactionListener: this.transactions,
      checkConcurrency: producer.checkConcurrency,
      checkRequestHoldMax: producer.checkRequestHoldMax,
      checkTimeout: producer.checkTimeout,
      logger: this.logger,
    });
    this.#producer = client;
    await client.start();
    await this.#check(client, this.#nameServer, connect);
    await this.#startPulling(this.#nameServer);
  }

  async #startAdmin(): Promise<Admin> {
    const admin = this.#factory.admin({
      ...securityOptions(this.options),
      nameServer: this.nameServer,
      logger: this.logger,
    });
    await admin.start();
    return admin;
  }

  async #startPulling(nameServer: string): Promise<void> {
    const { pullConsumer } = this.options;
    if (!pullConsumer) return;
    const { group, topic, selectorType, selectorExpression, ...settings } = pullConsumer;
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    const client = this.#factory.pullConsumer({
      ...securityOptions(this.options),
      ...Object.fromEntries(given),
      group,
      nameServer,
      logger: this.logger,
    });
    this.#pullConsumer = client;
    client.subscribe(topic, { type: selectorType, expression: selectorExpression });
    await client.start();
  }

  async #check(client: Producer, nameServer: string, connect: ResolvedOptions['connect']): Promise<void> {
    if (connect === 'background') {
      const { logger } = this;
      const check = (): Promise<void> => client.checkNameServer();
      void connectInBackground({
        nameServer,
        check,
        clock: systemClock,
        logger,
        signal: this.#closing.signal,
      });
      return;
    }
    try {
      await client.checkNameServer();
    } catch (error) {
      const { code = 'CONNECT_FAILED', message } = error as Partial<RocketMQError>;
      throw new RocketMQError(
        code,
        `Connection '${this.name}' can't start. ${message}. Or set embedded: true to run one in this process, or ` +
          `connect: 'background' to start the application without it`,
        { cause: error, address: nameServer },
      );
    }
  }

  get #storePath(): string {
    const { cluster } = this.options;
    const given = 'embedded' in cluster ? cluster.embedded.storePath : undefined;
    return resolve(given ?? (this.name === DEFAULT_CONNECTION ? '.rocketmq' : `.rocketmq-${this.name}`));
  }

  #wrongState(): never {
    throw new RocketMQError(
      'WRONG_STATE',
      this.#closed
        ? `Connection '${this.name}' is closed: the application is shutting down`
        : `Connection '${this.name}' is not started yet: send from onModuleInit on, not from a constructor`,
    );
  }
}
