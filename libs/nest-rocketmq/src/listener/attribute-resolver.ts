import { RocketMQError } from '@nest-rocketmq/runtime';
import type { z } from 'zod';
import type { ConfigurationSource } from '../decorators/listener-attributes.ts';
import { describeIssues } from '../module/describe-issues.ts';
import { attributesSchema, type ResolvedAttributes } from './attribute-schema.ts';

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
    const value = typeof written === 'function' ? (written(configuration) as unknown) : written;
    const replace = (text: unknown): unknown =>
      typeof text === 'string'
        ? replacePlaceholders(text, configuration, `${where}: attribute ${name}`)
        : text;
    const resolved = Array.isArray(value) ? value.map(replace) : replace(value);
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
    const value = configuration.get(name.trim());
    if (['string', 'number', 'boolean'].includes(typeof value) && value !== '') return String(value);
    if (fallback !== undefined) return fallback;
    throw new RocketMQError(
      'INVALID_CONFIG',
      `${where}: ${placeholder} has no value. Set ${name.trim()}, or give a default: \${${name.trim()}:value}`,
    );
  });
}
