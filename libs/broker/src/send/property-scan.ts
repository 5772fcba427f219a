import { MessageConst } from '@nest-rocketmq/protocol';
import type { PropertyPlaces } from '@nest-rocketmq/store';

const NAME_VALUE_SEPARATOR = 1;
const PROPERTY_SEPARATOR = 2;

const WAIT = Buffer.from(MessageConst.PROPERTY_WAIT_STORE_MSG_OK);
const TAGS = Buffer.from(MessageConst.PROPERTY_TAGS);
const KEYS = Buffer.from(MessageConst.PROPERTY_KEYS);
const DELAY = Buffer.from(MessageConst.PROPERTY_DELAY_TIME_LEVEL);
const POP_CK = Buffer.from(MessageConst.PROPERTY_POP_CK);
const CLUSTER = Buffer.from(MessageConst.PROPERTY_CLUSTER);
const UNIQ_KEY = Buffer.from(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
const TRACE_ON = Buffer.from(MessageConst.PROPERTY_TRACE_SWITCH);
const TRAN_MSG = Buffer.from(MessageConst.PROPERTY_TRANSACTION_PREPARED);
const INNER_NUM = Buffer.from(MessageConst.PROPERTY_INNER_NUM);
const MSG_REGION = Buffer.from(MessageConst.PROPERTY_MSG_REGION);
const TIMER_DELAY_MS = Buffer.from(MessageConst.PROPERTY_TIMER_DELAY_MS);
const TIMER_DELAY_SEC = Buffer.from(MessageConst.PROPERTY_TIMER_DELAY_SEC);
const TIMER_DELIVER_MS = Buffer.from(MessageConst.PROPERTY_TIMER_DELIVER_MS);

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/**
 * What the send path must know of a message's properties, found in one pass over their bytes without decoding them.
 * Anything the pass can't leave as it stands (a pair that RocketMQ's reader would drop, a name that occurs twice, a
 * property the broker owns) only raises {@link irregular}: the caller then takes the way over a map.
 */
export class PropertyScan implements PropertyPlaces {
  /** The bytes can't be stored as they are. */
  irregular = false;
  /** The last pair lacks its separator, which whoever appends must add. */
  unterminated = false;
  tagsStart = -1;
  tagsEnd = -1;
  keysStart = -1;
  keysEnd = -1;
  uniqKeyStart = -1;
  uniqKeyEnd = -1;
  /** There is a DELAY property: a delay level, or nonsense. */
  delayed = false;
  /** WAIT is `false`: the sender doesn't want to wait for the disk. */
  noWait = false;
  /** The half of a transaction. */
  transactional = false;
  /** One of the properties of arbitrary delivery times. */
  timed = false;
  /** Carries INNER_NUM, which only inner batches may. */
  innerNum = false;

  #wait = false;

  /** Looks through the properties at `start..end` of `bytes`. */
  scan(bytes: Buffer, start: number, end: number): void {
    this.irregular = false;
    this.tagsStart = -1;
    this.keysStart = -1;
    this.uniqKeyStart = -1;
    this.delayed = false;
    this.noWait = false;
    this.transactional = false;
    this.timed = false;
    this.innerNum = false;
    this.#wait = false;
    this.unterminated = end > start && bytes[end - 1] !== PROPERTY_SEPARATOR;
    let at = start;
    while (at < end) {
      const nameStart = at;
      while (at < end && bytes[at] !== NAME_VALUE_SEPARATOR && bytes[at] !== PROPERTY_SEPARATOR) at++;
      const valueStart = at + 1;
      const hasValue = at < end && bytes[at] === NAME_VALUE_SEPARATOR;
      if (hasValue) at++;
      while (at < end && bytes[at] !== PROPERTY_SEPARATOR) at++;
      if (!hasValue || valueStart - 1 === nameStart || at === valueStart) this.irregular = true;
      else this.#property(bytes, nameStart, valueStart - 1 - nameStart, valueStart, at);
      at++;
    }
  }

  #property(bytes: Buffer, name: number, length: number, valueStart: number, valueEnd: number): void {
    switch (length) {
      case 4:
        if (is(bytes, name, WAIT)) {
          if (this.#wait) this.irregular = true;
          this.#wait = true;
          this.noWait = valueEnd - valueStart === FALSE.length && is(bytes, valueStart, FALSE);
        } else if (is(bytes, name, TAGS)) {
          if (this.tagsStart >= 0) this.irregular = true;
          this.tagsStart = valueStart;
          this.tagsEnd = valueEnd;
        } else if (is(bytes, name, KEYS)) {
          if (this.keysStart >= 0) this.irregular = true;
          this.keysStart = valueStart;
          this.keysEnd = valueEnd;
        }
        break;
      case 5:
        if (is(bytes, name, DELAY)) this.delayed = true;
        break;
      case 6:
        if (is(bytes, name, POP_CK)) this.irregular = true;
        break;
      case 7:
        if (is(bytes, name, CLUSTER)) this.irregular = true;
        break;
      case 8:
        if (is(bytes, name, UNIQ_KEY)) {
          if (this.uniqKeyStart >= 0) this.irregular = true;
          this.uniqKeyStart = valueStart;
          this.uniqKeyEnd = valueEnd;
        } else if (is(bytes, name, TRACE_ON)) {
          this.irregular = true;
        } else if (is(bytes, name, TRAN_MSG)) {
          this.transactional =
            valueEnd - valueStart === TRUE.length && isIgnoringCase(bytes, valueStart, TRUE);
        }
        break;
      case 9:
        if (is(bytes, name, INNER_NUM)) this.innerNum = true;
        break;
      case 10:
        if (is(bytes, name, MSG_REGION)) this.irregular = true;
        break;
      case 14:
        if (is(bytes, name, TIMER_DELAY_MS)) this.timed = true;
        break;
      case 15:
        if (is(bytes, name, TIMER_DELAY_SEC)) this.timed = true;
        break;
      case 16:
        if (is(bytes, name, TIMER_DELIVER_MS)) this.timed = true;
        break;
      default:
    }
  }
}

function is(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

function isIgnoringCase(bytes: Buffer, at: number, lowerCase: Buffer): boolean {
  for (let i = 0; i < lowerCase.length; i++) if (((bytes[at + i] ?? 0) | 0x20) !== lowerCase[i]) return false;
  return true;
}
