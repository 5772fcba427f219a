export { NameServer } from './name-server.ts';
export {
  namesrvConfig,
  namesrvConfigDefaults,
  printNamesrvConfig,
  type NamesrvConfig,
  type NamesrvConfigSources,
} from './config/namesrv-config.ts';
export { readNamesrvConfigFile } from './config/namesrv-config-file.ts';
