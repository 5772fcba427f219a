import { randomUUID } from 'node:crypto';
import { RocketMQError, type Clock, type Logger, type Scheduled } from '@nest-rocketmq/runtime';
import { remarkText } from '../log/storable-text.ts';
import { OutboxStatus, type Lease, type OutboxRecord, type OutboxStore } from './outbox-store.ts';
import type { OutboxTransport } from './outbox-transport.ts';

/** How a relay works; times in milliseconds. */
export interface RelaySettings {
  /** Whose messages it sends. */
  readonly groupName: string;
  /** How long it waits when there was nothing to send. */
  readonly interval: number;
  /** How many messages it leases at once. */
  readonly batch: number;
  /** How many of them it sends at the same time. */
  readonly concurrency: number;
  /** How long a lease holds; what a relay that died had is sent by another one after that. */
  readonly lease: number;
  /** How long a message that could not be sent waits: the first time, doubled each time, and at most. */
  readonly backoff: { readonly first: number; readonly longest: number };
  /** After so many failures a message is given up; undefined: never. */
  readonly maxAttempts: number | undefined;
}

/** A message that nobody could ever send, by the error it gives. */
const HOPELESS_NAME = 'NonRetryableMessageError';

/**
 * Sends what is in an outbox, after the business transaction was committed: at least once, messages of one hash key in the
 * order they were written in. Any number of relays may run, in any number of processes.
 */
export class OutboxRelay {
  readonly #store: OutboxStore<never>;
  readonly #transport: OutboxTransport;
  readonly #settings: RelaySettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #next: Scheduled | undefined;
  #running: Promise<void> | undefined;
  #started = false;
  #awake = false;

  constructor(
    store: OutboxStore<never>,
    transport: OutboxTransport,
    settings: RelaySettings,
    clock: Clock,
    logger: Logger,
  ) {
    this.#store = store;
    this.#transport = transport;
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Begins to send. */
  start(): void {
    this.#started = true;
    this.wake();
  }

  /** Looks now, in place of when the interval is over. */
  wake(): void {
    this.#awake = true;
    if (!this.#started || this.#running) return;
    this.#next?.cancel();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#started) return;
      if (this.#awake) this.wake();
      else this.#next = this.#clock.schedule(this.#settings.interval, () => this.wake());
    });
  }

  /** Ends when what is being sent was sent; the rest is given back. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#next?.cancel();
    await this.#running;
  }

  /**
   * Sends what is due, once through, also when the relay was not started.
   * @returns how many messages were sent
   * @throws what the database throws
   */
  async flush(): Promise<number> {
    let sent = 0;
    for (;;) {
      const { leased, done } = await this.#round(() => true);
      sent += done;
      if (leased < this.#settings.batch) return sent;
    }
  }

  async #run(): Promise<void> {
    try {
      while (this.#started) {
        this.#awake = false;
        const { leased } = await this.#round(() => this.#started);
        if (leased < this.#settings.batch) return;
      }
    } catch (error) {
      // The database is away, or two relays got into each other's way: the next look is another chance.
      this.#awake = false;
      this.#logger.warn(`The outbox of ${this.#settings.groupName} can't be read or written`, error);
    }
  }

  async #round(goesOn: () => boolean): Promise<{ leased: number; done: number }> {
    const { groupName, batch, concurrency, lease: leaseMs } = this.#settings;
    const now = this.#clock.now();
    const lease = { owner: randomUUID(), now, until: now + leaseMs };
    const messages = await this.#store.claim(groupName, lease, batch);
    const lanes = lanesOf(messages);
    let done = 0;
    const worker = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
        const sent = await this.#sendLane(lane, lease, goesOn);
        done += sent;
      }
    };
    const workers = Array.from({ length: Math.min(concurrency, lanes.length) }, worker);
    // A lane that fails leaves nobody behind who still sends when this returns.
    const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return { leased: messages.length, done };
  }

  /** Sends messages one after the other; one that can't be sent holds those behind it. @returns how many were sent */
  async #sendLane(lane: readonly OutboxRecord[], lease: Lease, goesOn: () => boolean): Promise<number> {
    let done = 0;
    let held = false;
    for (const message of lane) {
      // A message that is begun late in a lease may be sent twice, and then out of order.
      const late = this.#clock.now() > lease.until - this.#settings.lease / 2;
      if (held || late || !goesOn()) await this.#giveBack(message, lease);
      else if (await this.#send(message, lease)) done++;
      else held = true;
    }
    return done;
  }

  /** @returns false when the message is still pending */
  async #send(message: OutboxRecord, { owner }: Lease): Promise<boolean> {
    try {
      await this.#transport.send(message);
    } catch (error) {
      return this.#failed(message, owner, error);
    }
    const settlement = {
      msgStatus: OutboxStatus.DONE,
      statusTime: this.#clock.now(),
      sendTimes: message.sendTimes,
      remark: '',
    };
    await this.#store.settle(message.id, owner, settlement);
    return true;
  }

  async #failed(message: OutboxRecord, owner: string, error: unknown): Promise<boolean> {
    const { backoff, maxAttempts = Infinity } = this.#settings;
    const sendTimes = message.sendTimes + 1;
    const remark = remarkText(error);
    const givenUp = isHopeless(error) || sendTimes >= maxAttempts;
    const wait = Math.min(backoff.longest, backoff.first * 2 ** Math.min(message.sendTimes, 50));
    await this.#store.settle(message.id, owner, {
      msgStatus: givenUp ? OutboxStatus.FAILED : OutboxStatus.PENDING,
      statusTime: this.#clock.now() + (givenUp ? 0 : wait),
      sendTimes,
      remark,
    });
    const what = `Message ${message.id} of the outbox, for ${message.msgTopic}`;
    if (givenUp) this.#logger.error(`${what}, is given up: ${remark}`);
    else this.#logger.warn(`${what}, is sent again in ${wait} ms, failure ${sendTimes}: ${remark}`);
    return givenUp;
  }

  async #giveBack({ id, statusTime, sendTimes, remark }: OutboxRecord, { owner }: Lease): Promise<void> {
    await this.#store.settle(id, owner, { msgStatus: OutboxStatus.PENDING, statusTime, sendTimes, remark });
  }
}

/** Messages of one hash key, in their order; each of those without one by itself. */
function lanesOf(messages: readonly OutboxRecord[]): OutboxRecord[][] {
  const byKey = new Map<string, OutboxRecord[]>();
  const lanes: OutboxRecord[][] = [];
  for (const message of messages) {
    const lane = message.hashKey === '' ? undefined : byKey.get(message.hashKey);
    if (lane) {
      lane.push(message);
      continue;
    }
    const started = [message];
    lanes.push(started);
    if (message.hashKey !== '') byKey.set(message.hashKey, started);
  }
  return lanes;
}

function isHopeless(error: unknown): boolean {
  if (error instanceof RocketMQError) return error.code === 'INVALID_ARGUMENT';
  return (error as { name?: unknown } | null | undefined)?.name === HOPELESS_NAME;
}
