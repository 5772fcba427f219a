import { languageName } from '../codes/language-code.ts';
import { NON_ASCII } from './field-table.ts';
import type { HeaderSlots } from './header-slots.ts';

/** Headers longer than this are not given to JSON.parse: its cost grows with what is nested in them. */
const MAX_JSON_HEADER = 65_536;

/**
 * Reads a JSON header with JSON.parse, for those the scanner leaves, and with the leniency of RocketMQ's servers.
 * False when it is not a header, or too long.
 */
export function parseJsonHeader(slots: HeaderSlots, buffer: Buffer, start: number, end: number): boolean {
  if (end - start > MAX_JSON_HEADER) return false;
  let parsed: unknown;
  try {
    parsed = JSON.parse(buffer.toString('utf8', start, end));
  } catch {
    return false;
  }
  if (!isObject(parsed)) return false;
  const code = toInt(parsed['code']);
  const flag = toInt(parsed['flag']);
  const opaque = toInt(parsed['opaque']);
  const version = toInt(parsed['version']);
  const language =
    typeof parsed['language'] === 'number' ? languageName(parsed['language']) : toText(parsed['language']);
  const remark = toText(parsed['remark']);
  if (code === undefined || flag === undefined || opaque === undefined || version === undefined) return false;
  if (language === undefined || remark === undefined) return false;
  slots.code = code;
  slots.flag = flag;
  slots.opaque = opaque;
  slots.version = version;
  const texts = new TextPool();
  [slots.languageStart, slots.languageEnd] = texts.add(language ?? '');
  if (remark !== null) {
    [slots.remarkStart, slots.remarkEnd] = texts.add(remark);
    slots.remarkKind = NON_ASCII;
  }
  const entries = fieldEntries(parsed['extFields']);
  if (entries === undefined) return false;
  const spans = entries.map(([key, value]) => [texts.add(key), texts.add(value)] as const);
  slots.text = texts.toBuffer();
  slots.fields.reset(slots.text);
  // Every value is marked non-ASCII: that is only slower to read, and these headers are rare.
  return spans.every(([key, value]) => slots.fields.add(key[0], key[1], value[0], value[1], NON_ASCII));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** fastjson's reading of an int: fractions are cut, booleans are 1 and 0, texts are parsed; undefined: refused. */
function toInt(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '' || value === 'null' || value === 'NULL') return 0;
  let number: number;
  if (typeof value === 'number') number = Math.trunc(value);
  else if (typeof value === 'boolean') number = value ? 1 : 0;
  else if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) number = Number(value);
  else return undefined;
  return number === (number | 0) ? number + 0 : undefined;
}

/** null when absent, undefined when it can't be a text. */
function toText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function fieldEntries(fields: unknown): [string, string][] | undefined {
  if (fields === undefined || fields === null) return [];
  if (!isObject(fields)) return undefined;
  const entries: [string, string][] = [];
  for (const [key, value] of Object.entries(fields)) {
    const text = toText(value);
    if (text === undefined) return undefined;
    if (text !== null) entries.push([key, text]);
  }
  return entries;
}

/** Texts joined into one buffer, each known by where it begins and ends. */
class TextPool {
  readonly #texts: string[] = [];
  #length = 0;

  add(text: string): [start: number, end: number] {
    const start = this.#length;
    this.#texts.push(text);
    this.#length += Buffer.byteLength(text);
    return [start, this.#length];
  }

  /** Texts are written one by one: joined first, halves of two surrogate pairs could meet. */
  toBuffer(): Buffer {
    const buffer = Buffer.allocUnsafe(this.#length);
    let at = 0;
    for (const text of this.#texts) at += buffer.write(text, at);
    return buffer;
  }
}
