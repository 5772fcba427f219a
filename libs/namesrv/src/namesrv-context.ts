import type { Clock, Logger } from '@nest-rocketmq/runtime';
import type { NamesrvConfig } from './config/namesrv-config.ts';
import type { KvConfigManager } from './kv/kv-config-manager.ts';
import type { RouteCache } from './route/route-cache.ts';
import type { RouteInfoManager } from './route/route-info-manager.ts';

/** The parts of a running NameServer, as its processors use them. */
export interface NamesrvContext {
  /** As it is now: code 318 changes it. */
  readonly config: NamesrvConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly routes: RouteInfoManager;
  readonly routeCache: RouteCache;
  readonly kvConfig: KvConfigManager;
  /** Milliseconds: when the NameServer started. */
  readonly bootTimestamp: number;
  /**
   * Changes keys while running and keeps them in `configStorePath`.
   * @throws RocketMQError `INVALID_CONFIG` when a value is wrong: then nothing changed
   */
  changeConfig(changes: ReadonlyMap<string, string>): void;
}
