import { parseProperties } from '@nest-rocketmq/protocol';
import { readConfigFile } from '@nest-rocketmq/runtime';
import type { NamesrvConfigSources } from './namesrv-config.ts';

/**
 * Reads a namesrv.conf. Changes made while running are kept in the same file unless it names another, as in Java.
 * @throws RocketMQError `INVALID_CONFIG` naming the file when it cannot be read
 */
export function readNamesrvConfigFile(path: string): NamesrvConfigSources {
  const file = readConfigFile(path, parseProperties);
  return file.properties.has('configStorePath') ? { file } : { file, overrides: { configStorePath: path } };
}
