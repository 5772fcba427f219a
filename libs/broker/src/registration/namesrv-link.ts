import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import { printable, sleep } from '@nest-rocketmq/runtime';
import {
  DataVersion,
  KVTable,
  QueryDataVersion,
  RemotingCommand,
  ResponseCode,
  UnregisterBroker,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RemotingClient } from '@nest-rocketmq/remoting';
import type { TopicConfigManager } from '../topic/topic-config-manager.ts';
import type { RegistrationConfig } from './broker-registration.ts';
import { brokerIdentity, registerRequest, type BrokerAddresses } from './register-request.ts';

const UNREGISTER_TIMEOUT_MS = 3000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
/** So many registrations may follow one another at once; in a longer row, each is followed by a rest. */
const ROW_WITHOUT_REST = 8;
/** What ends a row, in milliseconds without a registration. */
const ROW_GAP_MS = 1000;
/** The rest: so many times what the registration took, but not above the limit. */
const REST_FACTOR = 4;
const LONGEST_REST_MS = 1000;

interface LinkParts {
  config: RegistrationConfig;
  topics: TopicConfigManager;
  addresses: BrokerAddresses;
  client: RemotingClient;
  clock: Clock;
  logger: Logger;
}

/** The registration with one NameServer: one attempt at a time, repeated with growing pauses while it fails. */
export class NamesrvLink {
  readonly address: string;
  readonly #parts: LinkParts;
  #state: 'new' | 'registered' | 'failed' | 'stopped' = 'new';
  #running: Promise<void> | undefined;
  #again = false;
  #retryMs = FIRST_RETRY_MS;
  #retry: Scheduled | undefined;
  /** How many registrations followed one another, when the last one ended, and how long it took. */
  #row = 0;
  #ended = 0;
  #took = 0;
  readonly #stopping = new AbortController();

  constructor(address: string, parts: LinkParts) {
    this.address = address;
    this.#parts = parts;
  }

  get registered(): boolean {
    return this.#state === 'registered';
  }

  /** Registers, or has the attempt under way followed by another one. Resolves when there is nothing more to do. */
  register(): Promise<void> {
    if (this.#state === 'stopped') return Promise.resolve();
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** The connection is gone, and with it the registration: tries again soon. */
  lost(): void {
    if (this.#state !== 'registered') return;
    this.#state = 'failed';
    this.#parts.logger.warn(`The connection with NameServer ${this.address} is lost: registering again`);
    this.#retryLater();
  }

  /** Takes the broker out at this NameServer when there is a connection; nothing is registered from now on. */
  async unregister(): Promise<void> {
    this.#state = 'stopped';
    this.#stopping.abort();
    this.#retry?.cancel();
    await this.#running;
    const connection = this.#parts.client.existing(this.address);
    if (!connection) return;
    const { config, addresses, logger } = this.#parts;
    const fields = UnregisterBroker.request.encode(brokerIdentity(config, addresses));
    try {
      await connection.request(RemotingCommand.request(UnregisterBroker.code, fields), UNREGISTER_TIMEOUT_MS);
    } catch (error) {
      logger.warn(`NameServer ${this.address} could not be told that this broker goes`, error);
    }
  }

  /** Resolves when no attempt is under way. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Topics that are created one after the other in one turn are registered together.
    await Promise.resolve();
    try {
      while (this.#again && (await this.#once()));
    } finally {
      // In the same moment as the last look: what is asked for from here on is not to wait for an attempt that nobody makes.
      this.#running = undefined;
    }
  }

  /** @returns false when nothing more is tried for now */
  async #once(): Promise<boolean> {
    await this.#rest();
    if (this.#stopping.signal.aborted) return false;
    this.#again = false;
    const begin = this.#parts.clock.now();
    try {
      await this.#attempt();
      this.#succeeded();
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#row = begin - this.#ended > ROW_GAP_MS ? 1 : this.#row + 1;
    this.#ended = this.#parts.clock.now();
    this.#took = this.#ended - begin;
    return true;
  }

  /** Each registration names all topics: while thousands are being created, one after the other would be all we do. */
  async #rest(): Promise<void> {
    if (this.#row < ROW_WITHOUT_REST) return;
    const rest = this.#ended + Math.min(this.#took * REST_FACTOR, LONGEST_REST_MS) - this.#parts.clock.now();
    if (rest > 0) await sleep(this.#parts.clock, rest, this.#stopping.signal).catch(() => undefined);
  }

  async #attempt(): Promise<void> {
    const { config, topics, addresses, client } = this.#parts;
    if (!config.forceRegister && !(await this.#isChanged())) return;
    const request = registerRequest(config, addresses, topics);
    const answer = await client.invoke(this.address, request, config.registerBrokerTimeoutMills);
    if (answer.code !== ResponseCode.SUCCESS)
      throw new ResponseError(answer.code, printable(answer.remark ?? ''));
    if (answer.body.length > 0) topics.markOrdered(KVTable.decode(answer.body).table.keys());
  }

  /** Asks first whether the NameServer knows the topics already (`forceRegister=false`); asking keeps the broker alive. */
  async #isChanged(): Promise<boolean> {
    const { config, topics, addresses, client } = this.#parts;
    const fields = QueryDataVersion.request.encode(brokerIdentity(config, addresses));
    const request = RemotingCommand.request(
      QueryDataVersion.code,
      fields,
      DataVersion.encode(topics.dataVersion),
    );
    const answer = await client.invoke(this.address, request, config.registerBrokerTimeoutMills);
    return answer.code !== ResponseCode.SUCCESS || QueryDataVersion.response.decode(answer).changed;
  }

  #succeeded(): void {
    if (this.#state === 'stopped') return;
    if (this.#state !== 'registered') this.#parts.logger.info(`Registered with NameServer ${this.address}`);
    this.#state = 'registered';
    this.#retryMs = FIRST_RETRY_MS;
    this.#retry?.cancel();
  }

  #failed(error: unknown): void {
    if (this.#state === 'stopped') return;
    if (this.#state !== 'failed') {
      this.#parts.logger.warn(
        `This broker is not known to NameServer ${this.address}; it keeps trying`,
        error,
      );
    }
    this.#state = 'failed';
    this.#again = false;
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry?.cancel();
    this.#retry = this.#parts.clock.schedule(this.#retryMs, () => void this.register());
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}
