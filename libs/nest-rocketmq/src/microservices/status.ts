/** What `status` of a server and of a client tells. */
export const RocketMQStatus = {
  CONNECTING: 'connecting',
  CONNECTED: 'connected',
  DISCONNECTED: 'disconnected',
} as const;
export type RocketMQStatus = (typeof RocketMQStatus)[keyof typeof RocketMQStatus];
