import { HeartBeat, HeartbeatData, MixAll } from '@nest-rocketmq/protocol';
import type { RemotingClient } from '@nest-rocketmq/remoting';
import { RocketMQError, type Clock, type Logger, type Scheduled } from '@nest-rocketmq/runtime';
import { answerOf, requestOf } from './call.ts';
import type { ConsumerMember, ProducerMember } from './members.ts';
import type { RouteTable } from './route-table.ts';

/** Pause before a broker whose connection was lost is told again who we are. */
const RETRY_MS = 1000;

export interface HeartbeatParts {
  clientId: string;
  remoting: RemotingClient;
  routes: RouteTable;
  producers: ReadonlyMap<string, ProducerMember>;
  consumers: ReadonlyMap<string, ConsumerMember>;
  clock: Clock;
  logger: Logger;
  timeoutMs: number;
}

/**
 * Tells brokers which groups live in this client. A broker forgets them when the connection goes: it is told again
 * as soon as it is back, not only at the next round.
 */
export class Heartbeats {
  readonly #parts: HeartbeatParts;
  readonly #versions = new Map<string, number>();
  readonly #sending = new Map<string, Promise<boolean>>();
  readonly #queued = new Map<string, Promise<boolean>>();
  readonly #lost = new Set<string>();
  #retry: Scheduled | undefined;
  #soon: Scheduled | undefined;
  #stopped = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** The version a broker answered last; undefined before its first answer. */
  brokerVersion(address: string): number | undefined {
    return this.#versions.get(address);
  }

  /** A heartbeat to all brokers once the current work is done: several changes at once make one. */
  sendSoon(): void {
    if (this.#soon || this.#stopped) return;
    this.#soon = this.#parts.clock.schedule(0, () => {
      this.#soon = undefined;
      void this.sendAll();
    });
  }

  /** A heartbeat to every broker of the known routes; only to masters while there is no consumer. Never rejects. */
  async sendAll(): Promise<void> {
    const { routes, consumers, producers } = this.#parts;
    if (this.#stopped || (consumers.size === 0 && producers.size === 0)) return;
    const targets = [...routes.brokers().values()].flatMap((addresses) =>
      [...addresses].flatMap(([id, address]) =>
        consumers.size > 0 || id === MixAll.MASTER_ID ? [address] : [],
      ),
    );
    await Promise.all(targets.map((address) => this.send(address)));
  }

  /** A heartbeat to one broker. Never rejects: false when it failed; it is tried again by itself. */
  send(address: string): Promise<boolean> {
    const sending = this.#sending.get(address);
    if (sending) {
      // The one that is on its way may say what was true before: all who ask meanwhile share one more.
      const queued = this.#queued.get(address) ?? sending.then(() => this.#start(address));
      this.#queued.set(address, queued);
      return queued;
    }
    return this.#start(address);
  }

  /** Makes sure that a broker knows this client: tells it, unless it was told over the connection there is. Never rejects. */
  announce(address: string): Promise<boolean> {
    const sending = this.#sending.get(address);
    if (sending) return sending;
    const known = this.#versions.has(address) && !this.#lost.has(address);
    return known ? Promise.resolve(true) : this.#start(address);
  }

  /** The connection to a broker is gone: it has forgotten us. */
  connectionLost(address: string): void {
    if (this.#stopped || !this.#isBroker(address)) return;
    this.#lost.add(address);
    this.#retry ??= this.#parts.clock.schedule(RETRY_MS, () => {
      this.#retry = undefined;
      for (const lost of this.#lost) void this.send(lost);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#soon?.cancel();
    this.#lost.clear();
  }

  #start(address: string): Promise<boolean> {
    this.#queued.delete(address);
    const sending = this.#send(address).finally(() => this.#sending.delete(address));
    this.#sending.set(address, sending);
    return sending;
  }

  async #send(address: string): Promise<boolean> {
    const { remoting, logger, timeoutMs } = this.#parts;
    this.#lost.delete(address);
    try {
      const request = requestOf(HeartBeat, {}, HeartbeatData.encode(this.#data()));
      const answer = answerOf(HeartBeat, await remoting.invoke(address, request, timeoutMs), address);
      this.#versions.set(address, answer.version);
      return true;
    } catch (error) {
      if (this.#stopped) return false;
      // A connection over which nothing comes back may be dead without anyone having said so.
      if (error instanceof RocketMQError && error.code === 'TIMEOUT') remoting.disconnect(address);
      logger.warn(`Heartbeat to ${address} failed, it is tried again in ${RETRY_MS} ms`, error);
      this.connectionLost(address);
      return false;
    }
  }

  #data(): HeartbeatData {
    const { clientId, producers, consumers } = this.#parts;
    const producerGroups = new Set(producers.keys());
    // Consumers send what a broker didn't take back as a producer of this group.
    if (consumers.size > 0) producerGroups.add(MixAll.CLIENT_INNER_PRODUCER_GROUP);
    return {
      clientID: clientId,
      producerDataSet: [...producerGroups].map((groupName) => ({ groupName })),
      consumerDataSet: [...consumers.values()].map((consumer) => consumer.consumerData()),
      heartbeatFingerprint: 0,
      withoutSub: false,
    };
  }

  #isBroker(address: string): boolean {
    for (const addresses of this.#parts.routes.brokers().values()) {
      for (const known of addresses.values()) if (known === address) return true;
    }
    return false;
  }
}
