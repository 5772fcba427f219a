import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { parseDuration, RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import { ClientFactory, type Producer } from '../module/client-factory.ts';
import { RocketMQConnection } from '../module/connection.ts';
import { resolveOptions, type RocketMQModuleOptions } from '../module/options.ts';
import { clientOptions } from '../template/client-options.ts';
import { toMessage } from '../template/outgoing.ts';
import type { RequestOptions } from '../template/send-options.ts';
import { packetOf } from './reply-packet.ts';
import { RocketMQRecord } from './rocketmq-record.ts';
import { RocketMQStatus } from './status.ts';

/** Options of a client: those of `RocketMQModule.forRoot`, and its patience. */
export interface RocketMQClientOptions extends RocketMQModuleOptions {
  /** How long `send` waits for a reply, sending included, unless its record has a `timeout`. Default 30 s. */
  requestTimeout?: Duration;
}

const CONNECTION = 'microservice-client';
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/**
 * Nest's client proxy on RocketMQ: `emit('order:created', order)` sends an event, `send('price:quote', question)` a request
 * whose one reply is the observable's value. A payload with keys, headers, a delay, ... is a {@link RocketMQRecord}.
 *
 * ```ts
 * ClientsModule.register([{ name: 'ORDERS', customClass: RocketMQClient, options: { nameServer } }])
 * ```
 *
 * An error of the handler is the observable's error, as Nest's filters left it; a reply that doesn't come in time is a
 * `RocketMQError` with the code `TIMEOUT`. Unsubscribing gives a request up.
 */
export class RocketMQClient extends ClientProxy {
  readonly #connection: () => RocketMQConnection;
  readonly #requestTimeoutMs: number;
  #open: RocketMQConnection | undefined;
  #connecting: Promise<Producer> | undefined;

  /** @throws RocketMQError `INVALID_CONFIG` naming every option that is unknown or wrong */
  constructor({ requestTimeout, ...options }: RocketMQClientOptions) {
    super();
    const resolved = resolveOptions(options, CONNECTION);
    this.#connection = () => new RocketMQConnection(CONNECTION, resolved, new ClientFactory());
    this.#requestTimeoutMs =
      requestTimeout === undefined ? DEFAULT_REQUEST_TIMEOUT_MS : parseDuration(requestTimeout);
  }

  /** Whether it is connected, from now on. To the base class it is any text: `customClass` takes no other. */
  override get status(): Observable<RocketMQStatus> {
    return super.status as Observable<RocketMQStatus>;
  }

  /** Connects; `emit` and `send` do it by themselves. After {@link close} it connects anew. */
  override connect(): Promise<Producer> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Waits for sends that are in flight, and disconnects; requests that wait for their replies fail as `ABORTED`. */
  override async close(): Promise<void> {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    await connecting?.catch(() => undefined);
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
    this._status$.next(RocketMQStatus.DISCONNECTED);
  }

  /** There are no events of the connection beside {@link status}. @throws RocketMQError always */
  override on(): never {
    throw new RocketMQError('INVALID_ARGUMENT', 'A RocketMQClient has no events: subscribe to its status');
  }

  /** The client's producer; the type is the caller's to say, as Nest has it. @throws RocketMQError `WRONG_STATE` before it is connected */
  override unwrap<T = Producer>(): T {
    return this.#running().producer as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const given = new AbortController();
    void this.#answer(packet, given, callback);
    return () => given.abort();
  }

  protected override async dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    const { producer, converter } = this.#running();
    const { data, options } = recordOf(packet);
    const message = toMessage(this.normalizePattern(packet.pattern as string), data, options, converter);
    return (await producer.send(message, clientOptions(options))) as T;
  }

  async #answer(
    packet: ReadPacket,
    given: AbortController,
    observe: (packet: WritePacket) => void,
  ): Promise<void> {
    let answer: WritePacket;
    try {
      answer = await this.#request(packet, given);
    } catch (err) {
      answer = { err, isDisposed: true };
    }
    observe(answer);
  }

  async #request(packet: ReadPacket, given: AbortController): Promise<WritePacket> {
    const { producer, converter } = this.#running();
    const { data, options } = recordOf(packet);
    const pattern = this.normalizePattern(packet.pattern as string);
    const { timeout = this.#requestTimeoutMs, signal } = options;
    const giveUp = (): void => given.abort(signal?.reason);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const message = toMessage(pattern, data, options, converter);
      const reply = await producer.request(
        message,
        clientOptions({ ...options, timeout, signal: given.signal }),
      );
      return packetOf(reply, pattern, options.converter ?? converter);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async #connect(): Promise<Producer> {
    this._status$.next(RocketMQStatus.CONNECTING);
    const connection = this.#connection();
    try {
      await connection.start();
    } catch (error) {
      this.#connecting = undefined;
      this._status$.next(RocketMQStatus.DISCONNECTED);
      throw error;
    }
    this.#open = connection;
    this._status$.next(RocketMQStatus.CONNECTED);
    return connection.producer;
  }

  #running(): RocketMQConnection {
    if (this.#open) return this.#open;
    throw new RocketMQError('WRONG_STATE', 'The RocketMQClient is not connected: await connect() first');
  }
}

/** What instrumentation has put beside the packet (`metadata`, from Nest 12 on) goes along as headers. */
function recordOf({ data, metadata }: ReadPacket): { data: unknown; options: RequestOptions } {
  const record = data instanceof RocketMQRecord ? data : new RocketMQRecord<unknown>(data);
  if (metadata === undefined) return record;
  return {
    data: record.data,
    options: { ...record.options, headers: { ...metadata, ...record.options.headers } },
  };
}
