export { scheduleEvery, sleep, systemClock, type Clock, type Scheduled } from './clock.ts';
export { ConfigProblem, nearestKey } from './config-problem.ts';
export {
  configure,
  environmentVariable,
  type ConfigRules,
  type ConfigSources,
  type ConfigValue,
} from './config.ts';
export { readConfigFile, type ConfigFileContent } from './config-file.ts';
export { RocketMQError, type RocketMQErrorCode, type RocketMQErrorOptions } from './errors.ts';
export { printable, silentLogger, type Logger } from './logger.ts';
export { ManualClock } from './manual-clock.ts';
export { parseDuration, type Duration } from './units.ts';
export { readIfThere, writeWhole } from './whole-file.ts';
