import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { systemClock, type Clock } from '@nest-rocketmq/runtime';
import { encodeIp } from './host.ts';

/** What a generator is made of. */
export interface UniqueIdOptions {
  /** Default: the system's. */
  clock?: Clock;
  /** The address in the ids. Default: the machine's first that others can reach, else the loopback. */
  ip?: string;
  /** Default: this process's. */
  pid?: number;
}

const MONTH_MS = 31 * 24 * 3_600_000;

/**
 * Makes the ids producers give messages (`UNIQ_KEY`; Java's `MessageClientIDSetter`): address, process id, a random
 * number where Java has its class loader's hash, ms since the start of the local month, a counter; in upper-case
 * hexadecimal: 32 characters with IPv4, 56 with IPv6. Tools read the time back out of the id.
 */
export class UniqueIdGenerator {
  readonly #clock: Clock;
  readonly #prefix: string;
  #monthStart = 0;
  #monthEnd = 0;
  #counter = 0;

  constructor(options: UniqueIdOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    const pid = Buffer.alloc(2);
    pid.writeUInt16BE((options.pid ?? process.pid) & 0xffff);
    const bytes = Buffer.concat([encodeIp(options.ip ?? localIp()), pid, randomBytes(4)]);
    this.#prefix = bytes.toString('hex').toUpperCase();
  }

  /** The next id. 65,536 ids within one millisecond are different. */
  next(): string {
    const now = this.#clock.now();
    if (now >= this.#monthEnd || now < this.#monthStart) this.#startMonth(now);
    const time = hex((now - this.#monthStart) >>> 0, 8);
    const count = hex(this.#counter, 4);
    this.#counter = (this.#counter + 1) & 0xffff;
    return this.#prefix + time + count;
  }

  #startMonth(now: number): void {
    const date = new Date(now);
    this.#monthStart = new Date(date.getFullYear(), date.getMonth(), 1).getTime();
    this.#monthEnd = new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
  }
}

function hex(value: number, length: number): string {
  return value.toString(16).toUpperCase().padStart(length, '0');
}

let shared: UniqueIdGenerator | undefined;

/** An id of the process's own generator, with the system's clock. */
export function createUniqueId(): string {
  return (shared ??= new UniqueIdGenerator()).next();
}

/**
 * When an id was made, in ms, as far as it can say: it holds a time within a month, which is taken to be the last such
 * before `now`. Undefined when it is not such an id.
 */
export function uniqueIdTime(id: string, now: number): number | undefined {
  if (!/^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{56})$/.test(id)) return undefined;
  const sinceMonth = parseInt(id.slice(-12, -4), 16);
  if (sinceMonth > MONTH_MS) return undefined;
  const date = new Date(now);
  const time = new Date(date.getFullYear(), date.getMonth(), 1).getTime() + sinceMonth;
  if (time <= now) return time;
  return new Date(date.getFullYear(), date.getMonth() - 1, 1).getTime() + sinceMonth;
}

function localIp(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => !address.internal && !address.address.startsWith('fe80'));
  return (addresses.find(({ family }) => family === 'IPv4') ?? addresses[0])?.address ?? '127.0.0.1';
}
