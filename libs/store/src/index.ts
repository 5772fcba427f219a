export { AppendMessage, type AppendResult, type AppendStatus } from './append-message.ts';
export type { PropertyPlaces } from './commit-log/property-scan.ts';
export type { ArrivalListener } from './dispatch-journal.ts';
export { RMQ_SYS_SCHEDULE_TOPIC } from './dispatcher.ts';
export { JsonConfigFile } from './config/json-config-file.ts';
export type { DiskSpace, FileStatus, FileSystem, OpenMode } from './files/file-system.ts';
export { nodeFileSystem } from './files/node-file-system.ts';
export { MessageStore } from './message-store.ts';
export type { KeyQueryResult } from './read/key-query.ts';
export type { BoundaryType, QueueEntry } from './read/queue-reader.ts';
export type { PropertiesView } from './read/record-properties.ts';
export { type PullQuery, Selection, type SelectionStatus } from './read/selection.ts';
export type { RecoveryReport } from './recovery/recovery.ts';
export {
  DEFAULT_MESSAGE_DELAY_LEVEL,
  delayLevelTable,
  type FlushDiskType,
  type StoreConfig,
} from './store-config.ts';
export { type FaultyCall, MemoryFileSystem, type Survival } from './testing/memory-file-system.ts';
export { type Chance, SimulatedFileSystem } from './testing/simulated-file-system.ts';
export type { StoreLock } from './store-lock.ts';
export type { ProgressListener, StoreParts } from './store-parts.ts';
export { TimerStore, type TimerStoreConfig } from './timer/timer-store.ts';
export type { TimerMessages, TimerRecovery } from './timer/timer-recovery.ts';
export { TimerMagic, TimerUnit } from './timer/timer-unit.ts';
