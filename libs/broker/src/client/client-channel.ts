import type { Connection } from '@nest-rocketmq/remoting';

/** One client on one connection, as it announced itself by its heartbeats (ClientChannelInfo). */
export interface ClientChannel {
  readonly connection: Connection;
  readonly clientId: string;
  /** As the header names it: `JAVA`, `GO`, `OTHER`. */
  readonly language: string;
  /** The ordinal of the client's version (MQVersion). */
  readonly version: number;
  /** When its last heartbeat came, in milliseconds. */
  lastHeartbeat: number;
}
