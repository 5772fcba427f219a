import type { JsonSchema } from './document.ts';

/** The part of class-validator's metadata that is looked at. */
interface ValidationMetadata {
  readonly type: string;
  readonly name?: string;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each?: boolean;
}

interface MetadataStorage {
  getTargetValidationMetadatas(
    target: unknown,
    schema: string,
    always: boolean,
    strictGroups: boolean,
  ): ValidationMetadata[];
}

const PRIMITIVES = new Map<unknown, JsonSchema>([
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
  [Date, { type: 'string', format: 'date-time' }],
  [Array, { type: 'array' }],
]);

/** What a decorator of class-validator says of its property. */
const RULES = new Map<string, (...constraints: unknown[]) => JsonSchema>([
  ['isString', () => ({ type: 'string' })],
  ['isNumber', () => ({ type: 'number' })],
  ['isInt', () => ({ type: 'integer' })],
  ['isPositive', () => ({ exclusiveMinimum: 0 })],
  ['isNegative', () => ({ exclusiveMaximum: 0 })],
  ['isBoolean', () => ({ type: 'boolean' })],
  ['isArray', () => ({ type: 'array' })],
  ['isObject', () => ({ type: 'object' })],
  ['isEmail', () => ({ type: 'string', format: 'email' })],
  ['isUuid', () => ({ type: 'string', format: 'uuid' })],
  ['isUrl', () => ({ type: 'string', format: 'uri' })],
  ['isDateString', () => ({ type: 'string', format: 'date-time' })],
  ['isIso8601', () => ({ type: 'string', format: 'date-time' })],
  ['isNotEmpty', () => ({})],
  ['min', (minimum) => ({ minimum })],
  ['max', (maximum) => ({ maximum })],
  ['minLength', (minLength) => ({ minLength })],
  ['maxLength', (maxLength) => ({ maxLength })],
  [
    'isLength',
    (minLength, maxLength) => (maxLength === undefined ? { minLength } : { minLength, maxLength }),
  ],
  ['matches', (pattern) => ({ pattern: pattern instanceof RegExp ? pattern.source : String(pattern) })],
  ['isIn', (values) => ({ enum: values })],
  ['isEnum', (_entity, values) => ({ enum: values })],
  ['arrayMinSize', (minItems) => ({ minItems })],
  ['arrayMaxSize', (maxItems) => ({ maxItems })],
  ['arrayUnique', () => ({ uniqueItems: true })],
]);

/**
 * The schema of a class, by the decorators of class-validator on its properties, where it has any; class-validator itself is
 * not needed. Of a class without them, its name alone.
 */
export function classSchema(type: unknown): JsonSchema | undefined {
  return schemaOf(type, new Set());
}

function schemaOf(type: unknown, above: Set<unknown>): JsonSchema | undefined {
  const primitive = PRIMITIVES.get(type);
  if (primitive) return primitive;
  if (typeof type !== 'function' || type === Object) return undefined;
  const metadata = storage()?.getTargetValidationMetadatas(type, '', false, false) ?? [];
  // A class that contains itself would have no end.
  if (metadata.length === 0 || above.has(type)) return { type: 'object', title: type.name };
  const prototype = type.prototype as object;
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const name of new Set(metadata.map(({ propertyName }) => propertyName))) {
    const own = metadata.filter(({ propertyName }) => propertyName === name);
    const declared: unknown = Reflect.getMetadata('design:type', prototype, name);
    properties[name] = propertySchema(declared, own, new Set([...above, type]));
    if (!own.some((rule) => rule.type === 'conditionalValidation' || rule.name === 'isOptional'))
      required.push(name);
  }
  return { type: 'object', title: type.name, properties, ...(required.length > 0 ? { required } : {}) };
}

function propertySchema(
  declared: unknown,
  rules: readonly ValidationMetadata[],
  above: Set<unknown>,
): JsonSchema {
  const known = declared === Array ? undefined : schemaOf(declared, above);
  let whole: JsonSchema = declared === Array ? { type: 'array' } : (known ?? {});
  let each: JsonSchema = {};
  for (const { name = '', constraints = [], each: ofElements } of rules) {
    const said = RULES.get(name)?.(...constraints);
    if (said && ofElements) each = { ...each, ...said };
    else if (said) whole = { ...whole, ...said };
  }
  return Object.keys(each).length > 0 ? { ...whole, type: 'array', items: each } : whole;
}

/** Where class-validator keeps what its decorators say: one place for all copies of it in a process. */
function storage(): MetadataStorage | undefined {
  return (globalThis as { classValidatorMetadataStorage?: MetadataStorage }).classValidatorMetadataStorage;
}
