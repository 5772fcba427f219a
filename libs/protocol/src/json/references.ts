import { RocketMQError } from '@nest-rocketmq/runtime';
import type { JsonObject, JsonValue } from './json-value.ts';

type Container = JsonObject | JsonValue[];

interface Reference {
  readonly container: Container;
  readonly key: string | number;
  readonly path: string;
  /** The containers around the reference, outermost first. */
  readonly around: readonly Container[];
}

/**
 * The `{"$ref":"$.path"}` of a text: where fastjson met an object a second time it writes the way to the first. `$` is
 * the root, `..` the object around, `@` the object itself.
 */
export class References {
  readonly #found: Reference[] = [];

  /** Takes down the value just entered under `key`, if it is a reference. */
  note(container: Container, key: string | number, around: readonly Container[]): void {
    const value = Array.isArray(container) ? container[key as number] : container.get(key as string);
    if (!(value instanceof Map) || value.size !== 1) return;
    const path = value.get('$ref');
    if (typeof path === 'string') this.#found.push({ container, key, path, around: [...around] });
  }

  /** Puts what they point at in the references' places. `budget` bounds how many values that may add. */
  resolve(root: JsonValue, budget: number): void {
    let left = budget;
    for (const { container, key, path, around } of this.#found) {
      const target = find(root, path, around);
      if (target === undefined) throw new RocketMQError('PROTOCOL', 'JSON: a $ref that points nowhere');
      left -= weigh(target, left);
      if (left < 0) throw new RocketMQError('PROTOCOL', 'JSON: $refs that stand for too much');
      if (Array.isArray(container)) container[key as number] = target;
      else container.set(key as string, target);
    }
  }
}

function find(root: JsonValue, path: string, around: readonly Container[]): JsonValue | undefined {
  if (path === '@') return around.at(-1);
  if (path === '..') return around.at(-2) ?? around.at(-1);
  if (!path.startsWith('$')) return undefined;
  let value: JsonValue | undefined = root;
  for (const step of path.slice(1).matchAll(/\.((?:\\.|[^.[\\])+)|\[(\d+)\]|\['([^']*)'\]|(.)/gsu)) {
    const [, name, index, quoted, unknown] = step;
    if (unknown !== undefined) return undefined;
    if (index !== undefined && Array.isArray(value)) value = value[Number(index)];
    else if (value instanceof Map)
      value = value.get(name?.replace(/\\(.)/gsu, '$1') ?? quoted ?? index ?? '');
    else return undefined;
  }
  return value;
}

/** How many values there are in a value; stops counting behind `limit`. A cycle counts as more than any limit. */
function weigh(value: JsonValue, limit: number): number {
  let count = 0;
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined && count <= limit; next = waiting.pop()) {
    count++;
    if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (next instanceof Map) for (const item of next.values()) waiting.push(item);
  }
  return count;
}
