import { LANGUAGES } from '../codes/language-code.ts';
import { NON_ASCII, MAX_FIELDS } from './field-table.ts';
import type { HeaderSlots } from './header-slots.ts';

const FIXED_LENGTH = 21;
const LANGUAGE_TEXT = Buffer.from(LANGUAGES.join(''));
const LANGUAGE_STARTS: number[] = [0];
for (const name of LANGUAGES) LANGUAGE_STARTS.push((LANGUAGE_STARTS.at(-1) ?? 0) + name.length);

/**
 * Reads a binary header (RocketMQ's `RocketMQSerializable`): code:i16 language:i8 version:i16 opaque:i32 flag:i32,
 * remark and the block of fields behind an i32 length each; fields are an i16 length and a key, an i32 length and a
 * value. False when the lengths don't add up.
 */
export function readBinaryHeader(slots: HeaderSlots, buffer: Buffer, start: number, end: number): boolean {
  if (end - start < FIXED_LENGTH) return false;
  slots.code = buffer.readInt16BE(start);
  const language = buffer.readUInt8(start + 2);
  slots.version = buffer.readInt16BE(start + 3);
  slots.opaque = buffer.readInt32BE(start + 5);
  slots.flag = buffer.readInt32BE(start + 9);
  const remarkLength = buffer.readInt32BE(start + 13);
  const fieldsStart = start + FIXED_LENGTH + remarkLength;
  if (remarkLength < 0 || fieldsStart > end) return false;
  const fieldsLength = buffer.readInt32BE(fieldsStart - 4);
  if (fieldsLength < 0 || fieldsLength > end - fieldsStart) return false;
  if (!readFields(slots, buffer, fieldsStart, fieldsStart + fieldsLength)) return false;
  readTexts(slots, buffer, start + 17, remarkLength, language);
  return true;
}

function readFields(slots: HeaderSlots, buffer: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 2 > end || slots.fields.count >= MAX_FIELDS) return false;
    const keyStart = at + 2;
    const keyEnd = keyStart + buffer.readInt16BE(at);
    if (keyEnd < keyStart || keyEnd + 4 > end) return false;
    const valueStart = keyEnd + 4;
    const valueEnd = valueStart + buffer.readInt32BE(keyEnd);
    if (valueEnd < valueStart || valueEnd > end) return false;
    if (!slots.fields.add(keyStart, keyEnd, valueStart, valueEnd, kindOf(buffer, valueStart, valueEnd)))
      return false;
    at = valueEnd;
  }
  return true;
}

/** Language and remark share one buffer; the language is a number here, so its name is taken from a buffer of names. */
function readTexts(
  slots: HeaderSlots,
  buffer: Buffer,
  remarkStart: number,
  remarkLength: number,
  language: number,
): void {
  const from = LANGUAGE_STARTS[language] ?? 0;
  const to = LANGUAGE_STARTS[language + 1] ?? from;
  if (remarkLength === 0) {
    slots.text = LANGUAGE_TEXT;
    slots.languageStart = from;
    slots.languageEnd = to;
    return;
  }
  const remark = buffer.subarray(remarkStart, remarkStart + remarkLength);
  slots.text = Buffer.concat([remark, LANGUAGE_TEXT.subarray(from, to)]);
  slots.remarkStart = 0;
  slots.remarkEnd = remarkLength;
  slots.remarkKind = NON_ASCII;
  slots.languageStart = remarkLength;
  slots.languageEnd = slots.text.length;
}

function kindOf(buffer: Buffer, start: number, end: number): number {
  for (let i = start; i < end; i++) if ((buffer[i] ?? 0) > 0x7e) return NON_ASCII;
  return 0;
}
