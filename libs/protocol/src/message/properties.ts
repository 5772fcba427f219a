/** Between a property's name and its value. */
export const NAME_VALUE_SEPARATOR = 0x01;
/** Behind each property. */
export const PROPERTY_SEPARATOR = 0x02;

const NAME_VALUE = '\u0001';
const PROPERTY = '\u0002';

/**
 * The properties of a message as records and headers carry them, in UTF-8: `name 0x01 value 0x02` for each. The 0x02
 * stands behind the last one too, as RocketMQ 5.2 and those before 4.9.2 write it. Nothing is escaped, so names and
 * values must not contain the two bytes; see {@link isPropertyText}.
 */
export function encodeProperties(properties: ReadonlyMap<string, string>): Buffer {
  return Buffer.from(formatMessageProperties(properties));
}

/** The same as a text, which is what send headers carry. */
export function formatMessageProperties(properties: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [name, value] of properties) text += name + NAME_VALUE + value + PROPERTY;
  return text;
}

/** Reads what {@link encodeProperties} writes, with or without the last 0x02. Pairs without name or value are dropped. */
export function decodeProperties(bytes: Buffer): Map<string, string> {
  return parseMessageProperties(bytes.toString('utf8'));
}

/** Reads the text of a send header's properties. */
export function parseMessageProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(PROPERTY, at);
    const end = found < 0 ? text.length : found;
    const separator = text.indexOf(NAME_VALUE, at);
    if (separator > at && separator + 1 < end)
      properties.set(text.slice(at, separator), text.slice(separator + 1, end));
    at = end + 1;
  }
  return properties;
}

/** A part of a buffer. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Where the value of a property lies among the encoded properties from `start` to `end`; undefined when it is not there
 * or empty. When a name comes twice, the last one counts, as in {@link decodeProperties}.
 */
export function findProperty(
  bytes: Buffer,
  start: number,
  end: number,
  name: Buffer | string,
): Span | undefined {
  const wanted = typeof name === 'string' ? nameBytes(name) : name;
  const length = wanted.length;
  let found: Span | undefined;
  let at = start;
  while (at < end) {
    const named = bytes[at + length] === NAME_VALUE_SEPARATOR && length > 0 && startsWith(bytes, at, wanted);
    let close = at;
    while (close < end && bytes[close] !== PROPERTY_SEPARATOR) close++;
    if (named && at + length + 1 < close) found = { start: at + length + 1, end: close };
    at = close + 1;
  }
  return found;
}

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

// The names asked for are constants of the code, so there are few; the bound is for callers who do otherwise.
const NAMES = new Map<string, Buffer>();

function nameBytes(name: string): Buffer {
  let bytes = NAMES.get(name);
  if (bytes === undefined) {
    bytes = Buffer.from(name);
    if (NAMES.size < 256) NAMES.set(name, bytes);
  }
  return bytes;
}

/** Whether a name or value can be a property: it is not empty and contains neither separator. */
export function isPropertyText(text: string): boolean {
  return text !== '' && !text.includes(NAME_VALUE) && !text.includes(PROPERTY);
}
