import { ConfigProblem } from '@nest-rocketmq/runtime';

const ADDRESS = /^(?:\[[\da-fA-F:.]+\]|[^\s:;[\]]+):(\d{1,5})$/;
const HIGHEST_PORT = 65_535;

/** The NameServers of `namesrvAddr`: `host:port;host:port`, blanks and empty parts left out, each once. */
export function namesrvAddresses(namesrvAddr: string): string[] {
  const parts = namesrvAddr.split(';').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}

/** @throws ConfigProblem when a NameServer is not `host:port` */
export function checkNamesrvAddr(source: string, namesrvAddr: string): void {
  for (const address of namesrvAddresses(namesrvAddr)) {
    const port = Number(ADDRESS.exec(address)?.[1] ?? 0);
    if (port >= 1 && port <= HIGHEST_PORT) continue;
    throw new ConfigProblem(
      source,
      'namesrvAddr',
      `must be like 127.0.0.1:9876;127.0.0.2:9876, not ${namesrvAddr}`,
    );
  }
}
