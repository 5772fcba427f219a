import { type Clock, type Logger, printable } from '@nest-rocketmq/runtime';
import type { Connection } from '@nest-rocketmq/remoting';
import type { ClientChannel } from './client-channel.ts';

/** The producers that are connected, by group (ProducerManager). */
export class ProducerManager {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #groups = new Map<string, Map<Connection, ClientChannel>>();
  /** The channel a client was last heard on, whatever its groups. */
  readonly #clients = new Map<string, ClientChannel>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Adds the client to the group, or notes that it is alive. */
  register(group: string, channel: ClientChannel): void {
    let channels = this.#groups.get(group);
    if (!channels) this.#groups.set(group, (channels = new Map()));
    const known = channels.get(channel.connection);
    if (known?.clientId === channel.clientId) known.lastHeartbeat = this.#clock.now();
    else channels.set(channel.connection, channel);
    if (this.#clients.get(channel.clientId)?.connection !== channel.connection)
      this.#clients.set(channel.clientId, channel);
  }

  /** Removes the client from the group (code 35). */
  unregister(group: string, connection: Connection): void {
    const channels = this.#groups.get(group);
    const channel = channels?.get(connection);
    if (!channels || !channel) return;
    channels.delete(connection);
    if (channels.size === 0) this.#groups.delete(group);
    if (this.#clients.get(channel.clientId)?.connection === connection && !this.#isRegistered(connection))
      this.#clients.delete(channel.clientId);
  }

  /** Removes every registration of a connection that went away. */
  onConnectionClosed(connection: Connection): void {
    for (const group of this.#groups.keys()) this.unregister(group, connection);
  }

  /** Removes the clients that were not heard of since `since`, and closes their connections. */
  expire(since: number): void {
    for (const [group, channels] of this.#groups) {
      for (const channel of channels.values()) {
        if (channel.lastHeartbeat >= since) continue;
        this.#logger.warn(
          `Producer ${printable(channel.clientId)} of group ${printable(group)} sent no heartbeat: removed`,
        );
        this.unregister(group, channel.connection);
        channel.connection.close('no heartbeat');
      }
    }
  }

  /** The clients of a group; undefined when there is none. */
  channels(group: string): readonly ClientChannel[] | undefined {
    const channels = this.#groups.get(group);
    return channels && [...channels.values()];
  }

  /** The channel of a client, by its id, for what is pushed to it alone; undefined when it isn't connected. */
  channelOf(clientId: string): ClientChannel | undefined {
    return this.#clients.get(clientId);
  }

  /** The groups that have clients. */
  get groups(): IterableIterator<string> {
    return this.#groups.keys();
  }

  #isRegistered(connection: Connection): boolean {
    for (const channels of this.#groups.values()) if (channels.has(connection)) return true;
    return false;
  }
}
