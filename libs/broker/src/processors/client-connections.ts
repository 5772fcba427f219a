import type { ClientConnection } from '@nest-rocketmq/protocol';
import type { ClientChannel } from '../client/client-channel.ts';

/** Clients as the connection lists (203, 204) show them. */
export function clientConnections(channels: Iterable<ClientChannel>): ClientConnection[] {
  return [...channels].map(({ clientId, connection, language, version }) => ({
    clientId,
    clientAddr: connection.remoteAddress,
    language,
    version,
  }));
}
