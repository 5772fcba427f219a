import { ConfigProblem, nearestKey } from './config-problem.ts';

/** One item of a configuration. */
export type ConfigValue = string | number | boolean;

/** What is further known about the values of some keys. */
export interface ConfigRules<T> {
  /** The only values a key may have. */
  choices?: { readonly [K in keyof NoInfer<T>]?: readonly string[] };
  /** Smallest and largest number of a key, both allowed. */
  ranges?: { readonly [K in keyof NoInfer<T>]?: readonly [min: number, max: number] };
}

/** Where the items of a configuration come from; later sources win over earlier ones. */
export interface ConfigSources<T extends object> extends ConfigRules<T> {
  /** Every known key with its default value, which also gives its type. */
  defaults: T;
  /** The parsed file and its name for messages. Keys must be known. */
  file?: { path: string; properties: ReadonlyMap<string, string> } | undefined;
  /**
   * The environment: key `brokerIP1` is read from `ROCKETMQ_BROKER_IP1`, and `namesrvAddr` also from RocketMQ's own
   * `NAMESRV_ADDR`. Other variables are not looked at.
   */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The command line, or the options of a constructor. Undefined values are as if absent. */
  overrides?: Partial<NoInfer<T>> | undefined;
}

const PREFIX = 'ROCKETMQ_';
const WELL_KNOWN_VARIABLES: ReadonlyMap<string, string> = new Map([['namesrvAddr', 'NAMESRV_ADDR']]);

/**
 * Puts a flat configuration together: defaults, then file, then environment, then overrides.
 * @throws RocketMQError `INVALID_CONFIG` naming key, source and, for an unknown key, the nearest known one
 */
export function configure<T extends object>(sources: ConfigSources<T>): T {
  const config = new Map<string, ConfigValue>(Object.entries(sources.defaults));
  const set = (source: string, key: string, value: unknown): void => {
    const known = config.get(key);
    if (known === undefined) {
      const nearest = nearestKey(key, config.keys());
      throw new ConfigProblem(
        source,
        key,
        nearest ? `is not known. Did you mean ${nearest}?` : 'is not known',
      );
    }
    config.set(
      key,
      check(source, key, typeof value === 'string' ? parse(source, key, value, known) : value, known),
    );
  };
  const check = (source: string, key: string, value: unknown, known: ConfigValue): ConfigValue => {
    if (typeof value !== typeof known) throw new ConfigProblem(source, key, `must be a ${typeof known}`);
    const range = sources.ranges?.[key as keyof T];
    if (range && typeof value === 'number' && (value < range[0] || value > range[1])) {
      throw new ConfigProblem(source, key, `must be between ${range[0]} and ${range[1]}, not ${value}`);
    }
    const choices = sources.choices?.[key as keyof T];
    if (choices && !choices.includes(String(value))) {
      throw new ConfigProblem(
        source,
        key,
        `must be one of ${choices.join(', ')}, not ${JSON.stringify(value)}`,
      );
    }
    return value as ConfigValue;
  };

  if (sources.file) {
    for (const [key, value] of sources.file.properties) set(sources.file.path, key, value);
  }
  if (sources.environment) {
    for (const key of config.keys()) {
      for (const variable of variablesOf(key)) {
        const value = sources.environment[variable];
        if (value !== undefined && value !== '') set(`the environment (${variable})`, key, value);
      }
    }
  }
  for (const [key, value] of Object.entries(sources.overrides ?? {})) {
    if (value !== undefined) set('the options', key, value);
  }
  return Object.fromEntries(config) as T;
}

/** The name of the environment variable of a key: `storePathRootDir` is `ROCKETMQ_STORE_PATH_ROOT_DIR`. */
export function environmentVariable(key: string): string {
  const snake = key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2');
  return PREFIX + snake.toUpperCase();
}

function variablesOf(key: string): string[] {
  const wellKnown = WELL_KNOWN_VARIABLES.get(key);
  return wellKnown ? [wellKnown, environmentVariable(key)] : [environmentVariable(key)];
}

/** Text of a file or of the environment as a value of the type that the default has. */
function parse(source: string, key: string, text: string, known: ConfigValue): ConfigValue {
  if (typeof known === 'string') return text.trim();
  const value = text.trim();
  if (typeof known === 'boolean') {
    const lower = value.toLowerCase();
    if (lower === 'true' || lower === 'false') return lower === 'true';
    throw new ConfigProblem(source, key, `must be true or false, not ${JSON.stringify(value)}`);
  }
  const pattern = Number.isInteger(known) ? /^[-+]?\d{1,16}$/ : /^[-+]?\d{1,16}(\.\d{1,16})?$/;
  const number = Number(value);
  if (pattern.test(value) && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
  const kind = Number.isInteger(known) ? 'a whole number' : 'a number';
  throw new ConfigProblem(source, key, `must be ${kind}, not ${JSON.stringify(value)}`);
}
