import { readInt32 } from '@nest-rocketmq/protocol';

const NAME_VALUE_SEPARATOR = 1;
const PROPERTY_SEPARATOR = 2;

/** Java's `String.hashCode` of a range of UTF-8 bytes, continuing from `seed`; nothing is allocated for ASCII. */
export function hashOfUtf8(buffer: Buffer, start: number, end: number, seed = 0): number {
  let hash = seed;
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte > 127) return hashOfText(buffer.toString('utf8', start, end), seed);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

/** Java's `String.hashCode` of a text, continuing from `seed`. */
export function hashOfText(text: string, seed = 0): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Where in its buffer the values of three properties lie. A start of -1 means absent. */
export interface PropertyPlaces {
  readonly tagsStart: number;
  readonly tagsEnd: number;
  readonly keysStart: number;
  readonly keysEnd: number;
  readonly uniqKeyStart: number;
  readonly uniqKeyEnd: number;
}

/**
 * Finds in a property string (`name 0x01 value 0x02 ...`) the three properties that dispatch needs, without decoding
 * it. As RocketMQ's MessageDecoder: a pair needs a name and a value, the last of equal
 * names counts.
 */
export class PropertyScan implements PropertyPlaces {
  tagsStart = -1;
  tagsEnd = -1;
  keysStart = -1;
  keysEnd = -1;
  uniqKeyStart = -1;
  uniqKeyEnd = -1;

  scan(buffer: Buffer, start: number, end: number): void {
    this.tagsStart = this.keysStart = this.uniqKeyStart = -1;
    let at = start;
    while (at < end) {
      let nameEnd = at;
      let byte = buffer[nameEnd] as number;
      while (byte !== NAME_VALUE_SEPARATOR && byte !== PROPERTY_SEPARATOR && ++nameEnd < end) {
        byte = buffer[nameEnd] as number;
      }
      if (nameEnd >= end) return;
      if (byte === PROPERTY_SEPARATOR) {
        at = nameEnd + 1;
        continue;
      }
      const valueStart = nameEnd + 1;
      let valueEnd = valueStart;
      while (valueEnd < end && buffer[valueEnd] !== PROPERTY_SEPARATOR) valueEnd++;
      if (valueEnd > valueStart) this.#found(buffer, at, nameEnd - at, valueStart, valueEnd);
      at = valueEnd + 1;
    }
  }

  #found(buffer: Buffer, name: number, length: number, valueStart: number, valueEnd: number): void {
    if (length === 4) {
      const word = readInt32(buffer, name);
      if (word === 0x54414753 /* TAGS */) {
        this.tagsStart = valueStart;
        this.tagsEnd = valueEnd;
      } else if (word === 0x4b455953 /* KEYS */) {
        this.keysStart = valueStart;
        this.keysEnd = valueEnd;
      }
    } else if (
      length === 8 &&
      readInt32(buffer, name) === 0x554e4951 &&
      readInt32(buffer, name + 4) === 0x5f4b4559
    ) {
      // UNIQ_KEY
      this.uniqKeyStart = valueStart;
      this.uniqKeyEnd = valueEnd;
    }
  }
}
