import { RocketMQError } from '@nest-rocketmq/runtime';
import { type FileSystem, JsonConfigFile } from '@nest-rocketmq/store';
import { Broken } from './oracle.ts';

/** Consumer offsets and the like: JSON files that are replaced whole. */
export class KeptOffsets {
  readonly #fs: FileSystem;
  /** What the disk may hold: one value, or more after writes that failed. */
  #values: (number | undefined)[] = [undefined];

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  keep(value: number): void {
    try {
      this.#file().persist({ offsetTable: new Map([['a@group', new Map([[0, value]])]]) });
      this.#values = [value];
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      this.#values.push(value);
    }
  }

  check(): void {
    const text = JSON.stringify(this.#file().load(), (_, value: unknown) =>
      value instanceof Map ? [...value] : value,
    );
    const found = /\["0",(\d+)\]/.exec(text ?? '')?.[1];
    const value = found === undefined ? undefined : Number(found);
    if (!this.#values.includes(value))
      throw new Broken('index', `consumer offset ${value} instead of ${this.#values.join(' or ')}`);
    this.#values = [value];
  }

  #file(): JsonConfigFile {
    return new JsonConfigFile('/store/config/consumerOffset.json', this.#fs);
  }
}
