import { RocketMQError } from '@nest-rocketmq/runtime';
import { parseJson, stringifyJson, type JsonValue } from '@nest-rocketmq/protocol';
import { readIfThere, writeWhole } from '@nest-rocketmq/runtime';

/** The namespace of the order configuration: topic -> `broker:queues;broker:queues`. */
export const ORDER_TOPIC_CONFIG = 'ORDER_TOPIC_CONFIG';

const MOST_ENTRIES = 100_000;
const LARGEST_FILE = 64 * 1024 * 1024;

/** Configuration that tools keep in the NameServer: values by namespace and key, in `kvConfig.json` (KVConfigManager). */
export class KvConfigManager {
  readonly #path: string;
  readonly #namespaces = new Map<string, Map<string, string>>();

  /** @param path the file; it and its directory are made when there is something to keep */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads the file; a missing one means that there is nothing.
   * @throws RocketMQError `INVALID_CONFIG` when it cannot be read or is not such a file
   */
  load(): void {
    const content = readIfThere(this.#path);
    if (content === undefined || content.trim() === '') return;
    const table = memberOf(this.#parse(content), 'configTable');
    if (!(table instanceof Map)) return;
    for (const [namespace, entries] of table) {
      if (!(entries instanceof Map)) continue;
      for (const [key, value] of entries) this.#namespace(namespace).set(key, textOf(value));
    }
  }

  get(namespace: string, key: string): string | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  /** All values of a namespace; undefined when there never was one. */
  list(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#namespaces.get(namespace);
  }

  /**
   * Sets a value and writes the file.
   * @throws RocketMQError `OVERLOADED` when there are too many values already
   */
  put(namespace: string, key: string, value: string): void {
    if (this.get(namespace, key) === undefined && this.#size() >= MOST_ENTRIES) {
      throw new RocketMQError('OVERLOADED', `The NameServer keeps no more than ${MOST_ENTRIES} values`);
    }
    this.#change(namespace, key, value);
  }

  /** Removes a value and writes the file. */
  delete(namespace: string, key: string): void {
    if (this.get(namespace, key) !== undefined) this.#change(namespace, key, undefined);
  }

  /** Memory and file change together or not at all. */
  #change(namespace: string, key: string, value: string | undefined): void {
    const entries = this.#namespace(namespace);
    const before = entries.get(key);
    set(entries, key, value);
    try {
      this.#persist();
    } catch (error) {
      set(entries, key, before);
      throw error;
    }
  }

  #namespace(namespace: string): Map<string, string> {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const created = new Map<string, string>();
    this.#namespaces.set(namespace, created);
    return created;
  }

  #size(): number {
    let size = 0;
    for (const entries of this.#namespaces.values()) size += entries.size;
    return size;
  }

  #persist(): void {
    writeWhole(this.#path, stringifyJson({ configTable: this.#namespaces }, { pretty: true }));
  }

  #parse(content: string): JsonValue {
    try {
      return parseJson(content, { maxBytes: LARGEST_FILE });
    } catch (cause) {
      throw new RocketMQError('INVALID_CONFIG', `${this.#path} is not a kvConfig.json. Repair or remove it`, {
        cause,
      });
    }
  }
}

function set(entries: Map<string, string>, key: string, value: string | undefined): void {
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
}

function memberOf(value: JsonValue, key: string): JsonValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}

function textOf(value: JsonValue): string {
  return typeof value === 'object' ? '' : String(value);
}
