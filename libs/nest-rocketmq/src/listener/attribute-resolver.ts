import { RocketMQError } from '@nest-rocketmq/runtime';
import type { z } from 'zod';
import type { ConfigurationSource } from '../decorators/listener-attributes.ts';
import { describeIssues } from '../module/describe-issues.ts';
import { ATTRIBUTE_HINTS } from './attribute-hints.ts';
import { attributesSchema, type ResolvedAttributes } from './attribute-schema.ts';
import { isStandardSchema } from './standard-schema.ts';

/** Attributes that are objects of values. */
const NESTED = new Set(['batch', 'lanes']);

const PLACEHOLDER = /\$\{([^{}:]+)(?::([^{}]*))?\}/g;

/**
 * Turns attributes as they were written into values: placeholders replaced, functions called, everything checked.
 * @param where the listener as the user knows it, for messages
 * @param schema of the attributes; default: those of `@RocketMQMessageListener`
 * @throws RocketMQError `INVALID_CONFIG` that names the listener and the attribute
 */
export function resolveAttributes<Resolved = ResolvedAttributes>(
  attributes: object,
  configuration: ConfigurationSource,
  where: string,
  schema: z.ZodType<Resolved> = attributesSchema as unknown as z.ZodType<Resolved>,
): Resolved {
  const values: Record<string, unknown> = {};
  for (const [name, written] of Object.entries(attributes) as [string, unknown][]) {
    const hint = ATTRIBUTE_HINTS.get(name);
    if (hint !== undefined)
      throw new RocketMQError('INVALID_CONFIG', `${where}: unknown attribute ${name}: ${hint}`);
    // A schema may be a function itself.
    const isFunction = typeof written === 'function' && !isStandardSchema(written);
    const value = isFunction ? (written(configuration) as unknown) : written;
    const replace = (given: unknown): unknown => {
      if (typeof given === 'string')
        return replacePlaceholders(given, configuration, `${where}: attribute ${name}`);
      if (Array.isArray(given)) return given.map(replace);
      // Converters and schemas are the application's, and stay as they are.
      if (!NESTED.has(name) || !isPlainObject(given)) return given;
      return Object.fromEntries(Object.entries(given).map(([key, nested]) => [key, replace(nested)]));
    };
    const resolved = replace(value);
    if (resolved !== undefined) values[name] = resolved;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      `${where}: ${describeIssues(parsed.error, 'attribute').join('; ')}`,
    );
  }
  return parsed.data;
}

function replacePlaceholders(text: string, configuration: ConfigurationSource, where: string): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string, fallback: string | undefined) => {
    // `stock.group` is STOCK_GROUP in an environment, whose names have neither dots nor lower case.
    for (const key of [name.trim(), environmentName(name.trim())]) {
      const value = configuration.get(key);
      if (['string', 'number', 'boolean'].includes(typeof value) && value !== '') return String(value);
    }
    if (fallback !== undefined) return fallback;
    throw new RocketMQError(
      'INVALID_CONFIG',
      `${where}: ${placeholder} has no value. Set ${name.trim()}, or give a default: \${${name.trim()}:value}`,
    );
  });
}

function environmentName(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^\w]/g, '_')
    .toUpperCase();
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
