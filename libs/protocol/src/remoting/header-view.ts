import { SerializeType } from '../codes/serialize-type.ts';
import { readBinaryHeader } from './binary-header.ts';
import type { FieldSource } from './field-source.ts';
import { textOf } from './field-table.ts';
import { HeaderShapes } from './header-shapes.ts';
import { createSlots, releaseSlots, resetSlots, type HeaderSlots } from './header-slots.ts';
import { parseJsonHeader } from './json-header.ts';
import { scanJsonHeader } from './json-header-scanner.ts';
import { parseInt32, parseInt64 } from './numbers.ts';
import { RecentTexts } from './recent-texts.ts';
import { RemotingCommand } from './remoting-command.ts';

/**
 * The decoded header of one frame, to be reused for the next: reading a common header allocates nothing. What it says
 * is valid until the next `parse`, and only as long as the buffer is not written over.
 */
export class HeaderView implements FieldSource {
  readonly #texts = new RecentTexts();
  readonly #shapes = new HeaderShapes(this.#texts);
  /** What is read into, when the header has no known shape. */
  #scratch: HeaderSlots = createSlots(this.#texts);
  /** What the header at hand says: the scratch, or those of its shape. */
  #slots: HeaderSlots = this.#scratch;
  #serializeType: number = SerializeType.JSON;

  /**
   * Reads the header that lies in `buffer` from `start` to `end`. False when it is not one: the connection can't go on
   * then. Accepts what RocketMQ's own servers accept: an absent, null or quoted number, numbers and booleans as fields.
   */
  parse(buffer: Buffer, serializeType: number, start: number, end: number): boolean {
    this.#serializeType = serializeType;
    if (serializeType === SerializeType.JSON) {
      const known = this.#shapes.match(buffer, start, end);
      if (known) {
        this.#use(known);
        return true;
      }
    }
    const slots = this.#scratch;
    this.#use(slots);
    resetSlots(slots, buffer);
    if (serializeType === SerializeType.JSON) {
      if (scanJsonHeader(slots, buffer, start, end)) {
        this.#scratch = this.#shapes.learn(slots, buffer, start, end);
        return true;
      }
      resetSlots(slots, buffer);
      return parseJsonHeader(slots, buffer, start, end);
    }
    return serializeType === SerializeType.ROCKETMQ && readBinaryHeader(slots, buffer, start, end);
  }

  #use(slots: HeaderSlots): void {
    if (slots === this.#slots) return;
    releaseSlots(this.#slots);
    this.#slots = slots;
  }

  /** A request code, or a response code when {@link isResponse}. */
  get code(): number {
    return this.#slots.code;
  }

  get flag(): number {
    return this.#slots.flag;
  }

  get opaque(): number {
    return this.#slots.opaque;
  }

  /** The version of the sender. */
  get version(): number {
    return this.#slots.version;
  }

  /** How the header was written, which is how its answer is to be written. */
  get serializeType(): number {
    return this.#serializeType;
  }

  /** The name of the sender's language, empty when it did not say. */
  get language(): string {
    const { text, shift, languageStart, languageEnd } = this.#slots;
    return text.toString('utf8', languageStart + shift, languageEnd + shift);
  }

  get remark(): string | undefined {
    const { text, shift, remarkStart, remarkEnd, remarkKind } = this.#slots;
    return remarkStart < 0 ? undefined : textOf(text, remarkStart + shift, remarkEnd + shift, remarkKind);
  }

  get isResponse(): boolean {
    return (this.#slots.flag & 1) !== 0;
  }

  get isOneway(): boolean {
    return (this.#slots.flag & 2) !== 0;
  }

  get fieldCount(): number {
    return this.#slots.fields.count;
  }

  get(key: string): string | undefined {
    const fields = this.#slots.fields;
    const index = fields.find(key);
    return index < 0 ? undefined : fields.text(index);
  }

  /** A field as a 32-bit integer; undefined when absent. Throws {@link HeaderError} when it isn't one. */
  int(key: string): number | undefined {
    const value = this.long(key);
    if (value === undefined || (value >= -0x80000000 && value <= 0x7fffffff)) return value;
    return parseInt32(key, String(value));
  }

  /** A field as a 64-bit integer; undefined when absent. Throws {@link HeaderError} when it isn't one. */
  long(key: string): number | undefined {
    const fields = this.#slots.fields;
    const index = fields.find(key);
    if (index < 0) return undefined;
    const value = readDigits(fields.source, fields.start(index), fields.end(index));
    return Number.isNaN(value) ? parseInt64(key, fields.text(index)) : value;
  }

  /** A field as a boolean, by the rule of `Boolean.parseBoolean`: only `true`, in any case, is true. */
  bool(key: string): boolean | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : value === 'true' || value.toLowerCase() === 'true';
  }

  /**
   * Copies a field's text, unescaped and as UTF-8, to `target` from `at` on. Returns how many bytes, -1 when the header
   * does not carry the field. Throws {@link HeaderError} when `target` is too short; what then stands behind `at` is
   * not defined.
   */
  copyTo(key: string, target: Buffer, at: number): number {
    const fields = this.#slots.fields;
    const index = fields.find(key);
    return index < 0 ? -1 : fields.copy(index, key, target, at);
  }

  /** A copy of all the header says, to keep; the body is taken as given. */
  toCommand(body: Buffer): RemotingCommand {
    const { code, flag, opaque, version, fields } = this.#slots;
    const map = new Map<string, string>();
    for (let i = 0; i < fields.count; i++) map.set(fields.key(i), fields.text(i));
    const command = new RemotingCommand(code, map, body);
    command.flag = flag;
    command.opaque = opaque;
    command.version = version;
    command.language = this.language;
    command.remark = this.remark;
    command.serializeType = this.#serializeType;
    return command;
  }
}

/** Up to 15 digits with an optional minus, read from the bytes; NaN for everything else. */
function readDigits(source: Buffer, start: number, end: number): number {
  const negative = source[start] === 0x2d;
  let at = negative ? start + 1 : start;
  if (at >= end || end - at > 15) return NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = (source[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}
