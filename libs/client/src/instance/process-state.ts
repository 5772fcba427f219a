/**
 * What this process is busy with, for a console that asks for stacks (307 with `jstackEnable`). JavaScript runs on one
 * thread, which is answering right now: what keeps the process waiting says more than its stack.
 */
export function processState(): string {
  const resources = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) resources.set(kind, (resources.get(kind) ?? 0) + 1);
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const mib = (bytes: number): string => `${Math.round(bytes / (1024 * 1024))} MiB`;
  const { user, system } = process.cpuUsage();
  return [
    `node ${process.version} pid ${process.pid}, up ${Math.round(process.uptime())} s`,
    `memory: rss ${mib(rss)}, heap ${mib(heapUsed)} of ${mib(heapTotal)}, external ${mib(external)}`,
    `cpu: user ${Math.round(user / 1000)} ms, system ${Math.round(system / 1000)} ms`,
    'active resources:',
    ...[...resources].sort(([, a], [, b]) => b - a).map(([kind, count]) => `  ${kind}: ${count}`),
    '',
  ].join('\n');
}
