import { z } from 'zod';
import { payloadIndex } from '../decorators/params.ts';
import type { PlannedHandler } from '../listener/group-plan.ts';
import type { StandardSchema } from '../listener/standard-schema.ts';
import { classSchema } from './class-schema.ts';
import type { JsonSchema } from './document.ts';

/** What a payload is, and the content type of its body where that is known. */
export interface PayloadSchema {
  readonly schema: JsonSchema | undefined;
  readonly contentType: string | undefined;
}

/** Makes a JSON Schema of a validator that this library doesn't know; undefined: it can't either. */
export type SchemaConverter = (schema: unknown) => JsonSchema | undefined;

/**
 * What a handler takes: by its `schema`, else by the type of its payload parameter, as far as decorators leave a trace of it.
 */
export function payloadSchema(handler: PlannedHandler, convert: SchemaConverter | undefined): PayloadSchema {
  const { schema, batch, payload } = handler;
  if (schema) {
    const found = jsonSchemaOf(schema, convert);
    // Of a batch the schema is one of the array.
    const items = batch && typeof found?.['items'] === 'object' ? (found['items'] as JsonSchema) : found;
    return { schema: items, contentType: 'application/json' };
  }
  if (payload === 'bytes') return { schema: undefined, contentType: 'application/octet-stream' };
  if (payload === 'text') return { schema: { type: 'string' }, contentType: 'text/plain' };
  const type = batch ? undefined : payloadType(handler);
  if (type === undefined || type === Object || payload === 'message')
    return { schema: undefined, contentType: undefined };
  if (type === String) return { schema: { type: 'string' }, contentType: 'text/plain' };
  if (type === Buffer || type === Uint8Array)
    return { schema: undefined, contentType: 'application/octet-stream' };
  return { schema: convert?.(type) ?? classSchema(type), contentType: 'application/json' };
}

function payloadType({ declaration: { host, method } }: PlannedHandler): unknown {
  const prototype = Object.getPrototypeOf(host.instance) as object;
  const index = payloadIndex(prototype, method);
  const types = Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined;
  return index === undefined ? undefined : types?.[index];
}

function jsonSchemaOf(schema: StandardSchema, convert: SchemaConverter | undefined): JsonSchema | undefined {
  const converted = convert?.(schema);
  if (converted) return converted;
  const standard: unknown = Reflect.get(schema['~standard'], 'jsonSchema');
  const input: unknown =
    typeof standard === 'object' && standard !== null ? Reflect.get(standard, 'input') : undefined;
  if (schema['~standard'].vendor === 'zod') return withoutDialect(zodSchema(schema));
  if (typeof input !== 'function') return undefined;
  return withoutDialect(input.call(standard, { target: 'draft-07' }) as JsonSchema);
}

function zodSchema(schema: StandardSchema): JsonSchema {
  return z.toJSONSchema(schema as unknown as z.ZodType, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
}

/** The document says which dialect its schemas are in. */
function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  return rest;
}
