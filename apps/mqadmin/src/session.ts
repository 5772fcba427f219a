import { DefaultMQProducer, MQAdmin, type ClientOptions } from '@nest-rocketmq/client';
import type { Output } from './output.ts';

const PRODUCER_GROUP = 'TOOLS_PRODUCER';

/** What a command has at hand: the clients, connected when they are first asked for, and where to print. */
export class Session {
  readonly output: Output;
  /** Aborted by Ctrl-C: a command ends as soon as it can, and says how far it came. */
  readonly signal: AbortSignal;
  readonly #client: ClientOptions;
  #admin: Promise<MQAdmin> | undefined;
  #producer: Promise<DefaultMQProducer> | undefined;

  constructor(client: ClientOptions, output: Output, signal: AbortSignal) {
    this.#client = client;
    this.output = output;
    this.signal = signal;
  }

  /** An admin that has found its NameServer. @throws RocketMQError `CONNECT_FAILED` or `TIMEOUT` naming the addresses */
  admin(): Promise<MQAdmin> {
    return (this.#admin ??= this.#startAdmin());
  }

  /** A producer. @throws RocketMQError when it can't be started */
  producer(): Promise<DefaultMQProducer> {
    return (this.#producer ??= this.#startProducer());
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await (await this.#producer?.catch(() => undefined))?.shutdown();
    await (await this.#admin?.catch(() => undefined))?.shutdown();
  }

  async #startAdmin(): Promise<MQAdmin> {
    const admin = new MQAdmin(this.#client);
    await admin.start();
    try {
      await admin.checkNameServer();
    } catch (error) {
      await admin.shutdown();
      throw error;
    }
    return admin;
  }

  async #startProducer(): Promise<DefaultMQProducer> {
    const producer = new DefaultMQProducer({ ...this.#client, group: PRODUCER_GROUP });
    await producer.start();
    return producer;
  }
}
