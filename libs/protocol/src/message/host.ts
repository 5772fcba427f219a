import { isIPv4, isIPv6 } from 'node:net';
import { RocketMQError } from '@nest-rocketmq/runtime';

/**
 * An address as records and message ids carry it: the 4 or 16 bytes of the IP and the port as an i32. IPv4 addresses
 * that a dual-stack socket shows as `::ffff:a.b.c.d` become 4 bytes, else older clients couldn't read the record.
 * Throws RocketMQError `INVALID_ARGUMENT` when `ip` is not an IP address.
 */
export function encodeHost(ip: string, port: number): Buffer {
  const bytes = encodeIp(ip);
  const host = Buffer.alloc(bytes.length + 4);
  bytes.copy(host);
  host.writeInt32BE(port, bytes.length);
  return host;
}

/** The 4 or 16 bytes of an IP address, as {@link encodeHost} has them. */
export function encodeIp(ip: string): Buffer {
  const plain = ip.toLowerCase().startsWith('::ffff:') && isIPv4(ip.slice(7)) ? ip.slice(7) : ip;
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  const address = plain.split('%')[0] ?? '';
  if (!isIPv6(address))
    throw new RocketMQError('INVALID_ARGUMENT', `not an IP address: ${JSON.stringify(ip.slice(0, 64))}`);
  return encodeIpv6(address);
}

function encodeIpv6(address: string): Buffer {
  // A dotted tail stands for the last four bytes.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text =
    dotted === null ? address : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const bytes = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, i) => bytes.writeUInt16BE(parseInt(group, 16), i * 2));
  return bytes;
}

function hex(high = '0', low = '0'): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

/** The `ip:port` of an encoded address; IPv6 in brackets, shortened as RFC 5952 says. */
export function decodeHost(bytes: Buffer): string {
  const port = bytes.readInt32BE(bytes.length - 4);
  if (bytes.length === 8) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}:${port}`;
  if (bytes.length === 20) return `[${decodeIpv6(bytes)}]:${port}`;
  throw new RocketMQError('INVALID_ARGUMENT', `an address has 8 or 20 bytes, not ${bytes.length}`);
}

function decodeIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  const text = groups.join(':');
  const longest = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].reduce(
    (best, [run]) => (run.length > best.length ? run : best),
    '',
  );
  if (longest === '') return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
