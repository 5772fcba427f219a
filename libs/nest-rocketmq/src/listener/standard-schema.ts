import { errorText } from '../error-text.ts';

/**
 * What validates payloads: any [Standard Schema](https://standardschema.dev), as Zod's, Valibot's and ArkType's are. Written
 * down here so that none of them needs to be installed.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Says what a value is, or what is wrong with it. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Whether something is a schema: an object, or, as ArkType's are, a function. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof Reflect.get(standard, 'validate') === 'function'
  );
}

/** A payload that its handler's schema refuses. */
export class SchemaError extends Error {
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[]) {
    super(issues.map(describe).join('; ') || 'invalid');
    this.name = 'SchemaError';
    this.issues = issues;
  }

  /** The indexes of an array's elements that are wrong; undefined when the array itself is. */
  get indexes(): Set<number> | undefined {
    const indexes = new Set<number>();
    for (const { path } of this.issues) {
      const index = path?.[0] === undefined ? NaN : Number(keyOf(path[0]));
      if (!Number.isInteger(index)) return undefined;
      indexes.add(index);
    }
    return indexes.size > 0 ? indexes : undefined;
  }
}

/** What the schema makes of a value. @throws SchemaError when it refuses it */
export async function validate(schema: StandardSchema, value: unknown): Promise<unknown> {
  const checked = schema['~standard'].validate(value);
  const result = checked instanceof Promise ? await checked : checked;
  if (result.issues) throw new SchemaError(result.issues);
  return result.value;
}

function describe({ path, message }: SchemaIssue): string {
  const where = (path ?? []).map((part) => String(keyOf(part))).join('.');
  return where === '' ? errorText(message) : `${where}: ${errorText(message)}`;
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): PropertyKey {
  return typeof part === 'object' ? part.key : part;
}
