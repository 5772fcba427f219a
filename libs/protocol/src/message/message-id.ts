import { RocketMQError } from '@nest-rocketmq/runtime';
import { decodeHost } from './host.ts';
import { readInt64, writeInt64 } from './int64.ts';

/**
 * The id a broker gives a message: its own encoded address and the message's place in the commit log, in upper-case
 * hexadecimal. 32 characters with IPv4, 56 with IPv6.
 */
export function offsetMessageId(storeHost: Buffer, physicalOffset: number): string {
  const bytes = Buffer.allocUnsafe(storeHost.length + 8);
  storeHost.copy(bytes);
  writeInt64(bytes, physicalOffset, storeHost.length);
  return bytes.toString('hex').toUpperCase();
}

/** What an offset message id says: the broker's `ip:port` and a place in its commit log. */
export interface OffsetMessageId {
  host: string;
  offset: number;
}

/** Reads an offset message id. Throws RocketMQError `INVALID_ARGUMENT` when it is not one. */
export function decodeOffsetMessageId(id: string): OffsetMessageId {
  if (!/^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{56})$/.test(id)) {
    throw new RocketMQError('INVALID_ARGUMENT', `not a message id: ${JSON.stringify(id.slice(0, 64))}`);
  }
  const bytes = Buffer.from(id, 'hex');
  const hostLength = bytes.length - 8;
  return { host: decodeHost(bytes.subarray(0, hostLength)), offset: readInt64(bytes, hostLength) };
}
