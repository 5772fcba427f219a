export { parseAddress, type HostAndPort } from './address.ts';
export type { Connection } from './connection.ts';
export { ResponseError } from './errors.ts';
export type { ResponseHandler } from './in-flight.ts';
export { defaultLimits, type RemotingLimits } from './limits.ts';
export type { RemotingOptions } from './parts.ts';
export type { HotProcessor, RequestGuard, RequestProcessor } from './processors.ts';
export { RemotingClient, type RemotingClientOptions } from './remoting-client.ts';
export { RemotingServer, type RemotingServerOptions } from './remoting-server.ts';
export {
  readTlsFile,
  tlsClientConfig,
  tlsServerConfig,
  type TlsClientConfig,
  type TlsKeys,
  type TlsMode,
  type TlsServerConfig,
} from './tls/tls-config.ts';
export { Tick, type Flushable } from './tick.ts';
export { TimerWheel, WheelEntry } from './timer-wheel.ts';
