import { networkInterfaces } from 'node:os';

/** Instance name of broadcasting consumers: stable, because their offsets are kept in a directory named after it. */
export const DEFAULT_INSTANCE_NAME = 'DEFAULT';

/** The address that stands for this machine in client ids: the first IPv4 that isn't a loopback's, else an IPv6. */
export function localIP(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => !address.internal);
  const found = addresses.find((address) => address.family === 'IPv4') ?? addresses[0];
  return found?.address ?? '127.0.0.1';
}

/** An instance name that no other client has: process id and a nanosecond clock, as Java's. */
export function uniqueInstanceName(): string {
  return `${process.pid}#${process.hrtime.bigint()}`;
}

/** A client's id as brokers know it: `ip@instanceName[@unitName]` (`ClientConfig.buildMQClientId`). */
export function clientId(ip: string, instanceName: string, unitName?: string): string {
  return unitName ? `${ip}@${instanceName}@${unitName}` : `${ip}@${instanceName}`;
}
