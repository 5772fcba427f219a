import { isIP, isIPv4 } from 'node:net';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** The parts of an address: 4 of up to 255, or 8 of up to 65535. */
type Parts = readonly number[];
/** What each part may be. */
type Ranges = readonly (readonly [from: number, to: number])[];

/**
 * Addresses as a whitelist names them (`RemoteAddressStrategyFactory`): one, several separated by commas, alternatives
 * of the last part (`192.168.0.{1,2}`), ranges (`192.168.0.1-100`), any part (`192.168.*.*`), or all (`*`); IPv6 likewise.
 */
export class RemoteAddresses {
  readonly #ranges: readonly Ranges[];
  readonly #all: boolean;

  /** @throws RocketMQError `INVALID_CONFIG` when the text names no addresses */
  constructor(text: string) {
    const pattern = text.trim();
    this.#all = pattern === '*' || /^\*(\.\*){3}$/.test(pattern) || /^\*(:\*){7}$/.test(pattern);
    this.#ranges = this.#all ? [] : expand(pattern).map((one) => rangesOf(one, text));
  }

  /** Whether an IP address is one of them. */
  include(ip: string): boolean {
    if (this.#all) return true;
    const parts = partsOf(ip);
    return (
      parts !== undefined &&
      this.#ranges.some(
        (ranges) =>
          ranges.length === parts.length &&
          ranges.every(([from, to], i) => from <= (parts[i] ?? -1) && (parts[i] ?? -1) <= to),
      )
    );
  }
}

/** The patterns that a text with alternatives or commas stands for. */
function expand(text: string): string[] {
  const braces = /^([^{}]*)\{([^{}]+)\}$/.exec(text);
  if (braces) return (braces[2] ?? '').split(',').map((last) => `${braces[1] ?? ''}${last.trim()}`);
  return text.split(',').map((one) => one.trim());
}

function rangesOf(pattern: string, text: string): Ranges {
  const six = pattern.includes(':');
  const exact = six && isIP(pattern) === 6 ? partsOf(pattern) : undefined;
  if (exact) return exact.map((part) => [part, part]);
  const [separator, count, most, base] = six ? ([':', 8, 0xffff, 16] as const) : (['.', 4, 255, 10] as const);
  const parts = pattern.split(separator);
  if (parts.length !== count) throw problem(text);
  return parts.map((part) => {
    if (part === '*') return [0, most] as const;
    const [from = NaN, to = from, more] = part.split('-').map((bound) => number(bound, base));
    if (!(from >= 0 && from <= to && to <= most) || more !== undefined) throw problem(text);
    return [from, to] as const;
  });
}

function number(text: string, base: 10 | 16): number {
  return (base === 10 ? /^\d{1,3}$/ : /^[\da-f]{1,4}$/i).test(text.trim()) ? parseInt(text, base) : NaN;
}

/** An address as numbers; undefined when it is none. */
function partsOf(ip: string): Parts | undefined {
  if (isIPv4(ip)) return ip.split('.').map(Number);
  if (isIP(ip) !== 6) return undefined;
  const [head = '', tail] = withoutDots(ip).split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...gap, ...back].map((part) => parseInt(part, 16));
}

/** An IPv6 address whose end may be written as one of IPv4. */
function withoutDots(ip: string): string {
  return ip.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

function problem(text: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', `${JSON.stringify(text)} names no remote addresses`);
}
