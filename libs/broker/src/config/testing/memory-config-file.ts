import { parseJson, stringifyJson, type JsonValue } from '@nest-rocketmq/protocol';
import type { ConfigFile } from '../config-file.ts';

/** A configuration file in memory, for specs: it holds the text that the real one would. */
export class MemoryConfigFile implements ConfigFile {
  text: string | undefined;
  /** How often it was written. */
  writes = 0;

  constructor(text?: string) {
    this.text = text;
  }

  load(): JsonValue | undefined {
    return this.text === undefined ? undefined : parseJson(this.text);
  }

  persist(value: unknown): void {
    this.writes++;
    this.text = stringifyJson(value);
  }
}
