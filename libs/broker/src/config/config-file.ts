import type { JsonConfigFile } from '@nest-rocketmq/store';

/** Where a manager keeps its table: one of the JSON files under `store/config` (ConfigManager). */
export interface ConfigFile {
  load(): ReturnType<JsonConfigFile['load']>;
  persist(value: unknown): void;
}
