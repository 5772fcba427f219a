import { RocketMQError } from '@nest-rocketmq/runtime';
import { type FileSystem, JsonConfigFile } from '@nest-rocketmq/store';
import { Broken } from './oracle.ts';

type Value = number | undefined;

/** Consumer offsets and the like: a JSON file that is replaced whole. */
export class KeptOffsets {
  readonly #fs: FileSystem;
  #file: JsonConfigFile;
  /** What the file may show: one value, or more after writes that failed. */
  #shown: Value[] = [undefined];
  /** What may be left of it after a power cut: what was durable, or came after that. */
  #left: Value[] = [undefined];

  constructor(fs: FileSystem) {
    this.#fs = fs;
    this.#file = this.#open();
  }

  keep(value: number): void {
    this.note();
    try {
      this.#file.persist({ offsetTable: new Map([['a@group', new Map([[0, value]])]]) });
      this.#shown = [value];
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      this.#shown.push(value);
    }
    this.#left.push(value);
    this.note();
  }

  /** Before an orderly stop. A disk that fails then leaves what a crash leaves. */
  stop(): void {
    try {
      this.#file.sync();
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
    }
  }

  /** Notes what is durable by now; to be called before a crash. */
  note(): void {
    if (this.#file.durable) this.#left = [...this.#shown];
  }

  /** After a restart. @param cut whether the power was cut */
  check(cut: boolean): void {
    this.#file = this.#open();
    const text = JSON.stringify(this.#file.load(), (_, value: unknown) =>
      value instanceof Map ? [...value] : value,
    );
    const found = /\["0",(\d+)\]/.exec(text ?? '')?.[1];
    const value = found === undefined ? undefined : Number(found);
    const expected = cut ? this.#left : this.#shown;
    if (!expected.includes(value))
      throw new Broken('index', `consumer offset ${value} instead of ${expected.join(' or ')}`);
    this.#shown = [value];
    this.#left.push(value);
    this.note();
  }

  #open(): JsonConfigFile {
    return new JsonConfigFile('/store/config/consumerOffset.json', this.#fs);
  }
}
