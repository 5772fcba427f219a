import type { CommitLog } from './commit-log/commit-log.ts';
import type { FileSystem } from './files/file-system.ts';
import type { DiskGuard } from './maintenance/disk-guard.ts';
import type { StoreConfig } from './store-config.ts';

/** The store's part of GET_BROKER_RUNTIME_INFO, by RocketMQ's names. */
export function storeRuntimeInfo(
  log: CommitLog,
  guard: DiskGuard,
  config: StoreConfig,
  fs: FileSystem,
): Map<string, string> {
  const { total, available } = fs.space(config.storePathCommitLog);
  const ratio = String(guard.ratio);
  return new Map([
    ['commitLogDiskRatio', ratio],
    [`commitLogDiskRatio_${config.storePathCommitLog}`, ratio],
    ['consumeQueueDiskRatio', ratio],
    ['commitLogDirCapacity', `Total : ${readable(total)}, Free : ${readable(available)}.`],
    ['commitLogMinOffset', String(log.minOffset)],
    ['commitLogMaxOffset', String(log.writtenOffset)],
    // Dispatch is part of the commit.
    ['dispatchBehindBytes', '0'],
    ['pageCacheLockTimeMills', '0'],
    ['remainTransientStoreBufferNumbs', '2147483647'],
  ]);
}

function readable(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}
