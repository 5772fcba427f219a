import { ESCAPED, NON_ASCII, SCANNER_FIELDS } from './field-table.ts';
import type { HeaderSlots } from './header-slots.ts';
import { escapeLength } from './unescape.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
const CODE = Buffer.from('code');
const FLAG = Buffer.from('flag');
const OPAQUE = Buffer.from('opaque');
const REMARK = Buffer.from('remark');
const VERSION = Buffer.from('version');
const LANGUAGE = Buffer.from('language');
const EXT_FIELDS = Buffer.from('extFields');

/** 1 for the bytes of a string that mean nothing but themselves. */
export const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x7f);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

// The scanner is synchronous and calls nothing back, so what a value turned out to be can stand here.
let kind = 0;
/** What {@link scanInteger} read. */
export let scannedInteger = 0;

/**
 * Reads a JSON header in the one shape that all clients write, in one pass over its bytes and without allocating.
 * False for everything else, be it odd or wrong: JSON.parse decides then. What it does read, it reads as JSON.parse
 * does.
 */
export function scanJsonHeader(slots: HeaderSlots, buffer: Buffer, start: number, end: number): boolean {
  if (end - start < 2 || buffer[start] !== OPEN) return false;
  if (buffer[start + 1] === CLOSE) return start + 2 === end;
  let at = start + 1;
  for (;;) {
    const keyStart = at + 1;
    const keyEnd = scanKey(buffer, at, end);
    if (keyEnd < 0) return false;
    at = scanEntry(slots, buffer, keyStart, keyEnd, end);
    if (at < 0 || at >= end) return false;
    const next = buffer[at++];
    if (next === CLOSE) return at === end;
    if (next !== COMMA) return false;
  }
}

/** Reads the value behind a key of the outer object. Returns where it ends, or -1. */
function scanEntry(
  slots: HeaderSlots,
  buffer: Buffer,
  keyStart: number,
  keyEnd: number,
  end: number,
): number {
  const at = keyEnd + 2;
  const length = keyEnd - keyStart;
  let to: number;
  if (length === 4 && matches(buffer, keyStart, CODE)) {
    to = scanInteger(buffer, at, end);
    slots.code = scannedInteger;
  } else if (length === 4 && matches(buffer, keyStart, FLAG)) {
    to = scanInteger(buffer, at, end);
    slots.flag = scannedInteger;
  } else if (length === 6 && matches(buffer, keyStart, OPAQUE)) {
    to = scanInteger(buffer, at, end);
    slots.opaque = scannedInteger;
    slots.opaqueStart = at;
  } else if (length === 7 && matches(buffer, keyStart, VERSION)) {
    to = scanInteger(buffer, at, end);
    slots.version = scannedInteger;
  } else if (length === 8 && matches(buffer, keyStart, LANGUAGE)) {
    to = scanString(buffer, at, end);
    if (kind !== 0) return -1;
    slots.languageStart = at + 1;
    slots.languageEnd = to - 1;
  } else if (length === 6 && matches(buffer, keyStart, REMARK)) {
    if (end - at > 4 && matches(buffer, at, NULL)) {
      slots.remarkStart = -1;
      return at + 4;
    }
    to = scanString(buffer, at, end);
    slots.remarkStart = at + 1;
    slots.remarkEnd = to - 1;
    slots.remarkKind = kind;
  } else if (length === 9 && matches(buffer, keyStart, EXT_FIELDS)) {
    slots.fields.reset(buffer);
    return scanFields(slots, buffer, at, end);
  } else {
    return buffer[at] === QUOTE ? scanString(buffer, at, end) : scanInteger(buffer, at, end);
  }
  return to;
}

/** Reads the object of the fields. Returns where it ends, or -1. */
function scanFields(slots: HeaderSlots, buffer: Buffer, start: number, end: number): number {
  if (end - start > 4 && matches(buffer, start, NULL)) return start + 4;
  if (start + 1 >= end || buffer[start] !== OPEN) return -1;
  if (buffer[start + 1] === CLOSE) return start + 2;
  let at = start + 1;
  for (;;) {
    const keyStart = at + 1;
    const keyEnd = scanKey(buffer, at, end);
    if (keyEnd < 0 || slots.fields.count >= SCANNER_FIELDS) return -1;
    at = keyEnd + 2;
    if (buffer[at] === QUOTE) {
      const valueStart = at + 1;
      at = scanString(buffer, at, end);
      if (at < 0) return -1;
      slots.fields.add(keyStart, keyEnd, valueStart, at - 1, kind);
    } else {
      const valueStart = at;
      at = scanLiteral(buffer, at, end);
      if (at < 0) return -1;
      slots.fields.add(keyStart, keyEnd, valueStart, at, 0);
    }
    if (at >= end) return -1;
    const next = buffer[at++];
    if (next === CLOSE) return at;
    if (next !== COMMA) return -1;
  }
}

/** Where the key whose quote is at `at` ends, its colon checked; -1 when it isn't plain ASCII. */
function scanKey(buffer: Buffer, at: number, end: number): number {
  if (at >= end || buffer[at] !== QUOTE) return -1;
  for (let i = at + 1; i < end; i++) {
    const byte = buffer[i] ?? 0;
    if (byte === QUOTE) return i + 2 < end && buffer[i + 1] === COLON ? i : -1;
    if (PLAIN[byte] === 0) return -1;
  }
  return -1;
}

/** Where the string whose quote is at `at` ends, behind its closing quote; -1 when it isn't one. Sets `kind`. */
function scanString(buffer: Buffer, at: number, end: number): number {
  kind = 0;
  if (at >= end || buffer[at] !== QUOTE) return -1;
  let i = at + 1;
  while (i < end) {
    const byte = buffer[i] ?? 0;
    // Most bytes are plain: one look into a table tells.
    if (PLAIN[byte] === 1) {
      i++;
    } else if (byte === QUOTE) {
      return i + 1;
    } else if (byte === BACKSLASH) {
      const length = escapeLength(buffer, i, end);
      if (length === 0) return -1;
      kind |= ESCAPED;
      i += length;
    } else if (byte < 0x20) {
      return -1;
    } else {
      kind |= NON_ASCII;
      i++;
    }
  }
  return -1;
}

/** Where the 32-bit integer at `at` ends; -1 when it isn't one, or isn't written the plain way. Sets {@link scannedInteger}. */
export function scanInteger(buffer: Buffer, at: number, end: number): number {
  scannedInteger = 0;
  const negative = buffer[at] === MINUS;
  let i = negative ? at + 1 : at;
  const first = i;
  for (; i < end; i++) {
    const digit = (buffer[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    if (i - first === 10) return -1;
    scannedInteger = scannedInteger * 10 + digit;
  }
  if (i === first || (buffer[first] === ZERO && (negative || i - first > 1))) return -1;
  if (negative) scannedInteger = -scannedInteger;
  return scannedInteger === (scannedInteger | 0) ? i : -1;
}

/** Where the number or boolean at `at` ends; -1 for null, fractions, exponents and whatever JSON would write otherwise. */
function scanLiteral(buffer: Buffer, at: number, end: number): number {
  if (end - at > 4 && matches(buffer, at, TRUE)) return at + 4;
  if (end - at > 5 && matches(buffer, at, FALSE)) return at + 5;
  const negative = buffer[at] === MINUS;
  const first = negative ? at + 1 : at;
  let i = first;
  while (i < end && (buffer[i] ?? 0) >= ZERO && (buffer[i] ?? 0) <= ZERO + 9) i++;
  if (i === first || i - first > 15 || (buffer[first] === ZERO && (negative || i - first > 1))) return -1;
  return i;
}

function matches(buffer: Buffer, at: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (buffer[at + i] !== word[i]) return false;
  return true;
}
