import { isIPv4, isIPv6 } from 'node:net';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** Where to connect to. */
export interface HostAndPort {
  host: string;
  port: number;
}

/**
 * Reads `host:port`, `1.2.3.4:port`, `[::1]:port` or, as RocketMQ writes it, `::1:port`.
 * @throws RocketMQError `INVALID_ARGUMENT` when it is none of these
 */
export function parseAddress(address: string): HostAndPort {
  const colon = address.lastIndexOf(':');
  const text = address.slice(0, Math.max(colon, 0));
  const host = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const digits = address.slice(colon + 1);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  const plausible = host.includes(':') ? isIPv6(host.replace(/%.*$/, '')) : /^[^\s[\]/]+$/.test(host);
  if (plausible && port > 0 && port <= 65_535) return { host, port };
  throw new RocketMQError(
    'INVALID_ARGUMENT',
    `Not an address: ${JSON.stringify(address.slice(0, 256))}. Give host:port, such as 127.0.0.1:9876`,
    { address },
  );
}

/**
 * An IP address as RocketMQ shows it: an IPv4 address that came through an IPv6 socket without its `::ffff:`, a
 * link-local one without its zone.
 */
export function plainIp(ip: string): string {
  const tail = ip.slice(ip.lastIndexOf(':') + 1);
  return ip.toLowerCase().startsWith('::ffff:') && isIPv4(tail) ? tail : ip.replace(/%.*$/, '');
}
