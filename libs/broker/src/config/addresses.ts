import { isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ConfigProblem } from '@nest-rocketmq/runtime';

const LOOPBACK = '127.0.0.1';
const ANY: readonly string[] = ['0.0.0.0', '::'];

interface Addresses {
  bindAddress: string;
  brokerIP1: string;
  brokerIP2: string;
}

/**
 * Fills in the addresses that were not given. Unlike Java, which listens everywhere and publishes the first address of
 * the machine, a broker without a word about addresses listens on and publishes 127.0.0.1. A `brokerIP1` beyond
 * loopback means that clients are to reach it: it listens everywhere. A `bindAddress` of everywhere publishes the
 * machine's first address; another one publishes itself.
 * @throws ConfigProblem when `bindAddress` is not an IP address
 */
export function resolveAddresses<T extends Addresses>(config: T, source: string): T {
  const brokerIP1 = config.brokerIP1 || publishedFor(config.bindAddress);
  const bindAddress = config.bindAddress || (isLoopback(brokerIP1) ? LOOPBACK : '0.0.0.0');
  if (isIP(bindAddress) === 0) {
    throw new ConfigProblem(
      source,
      'bindAddress',
      `must be an IP address, not ${JSON.stringify(bindAddress)}`,
    );
  }
  return { ...config, bindAddress, brokerIP1, brokerIP2: config.brokerIP2 || brokerIP1 };
}

/** Whether an address or name can only be this machine's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function publishedFor(bindAddress: string): string {
  if (bindAddress === '') return LOOPBACK;
  return ANY.includes(bindAddress) ? firstAddress() : bindAddress;
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter((address) => !address.internal);
  const found = outside.find((address) => address.family === 'IPv4') ?? outside[0];
  return found?.address ?? LOOPBACK;
}
