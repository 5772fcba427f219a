import { MAX_PROPERTIES_LENGTH, MessageConst, RESERVED_PROPERTIES } from '@nest-rocketmq/protocol';
import type { Message } from './message.ts';
import { illegal } from './validators.ts';

/** Printable ASCII that JSON leaves as it is: everything else takes the slow way. */
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
// eslint-disable-next-line no-control-regex
const SEPARATORS = /[\u0001\u0002]/;

/**
 * A property string on its way into a JSON header: `name 0x01 value 0x02 ...`, escaped as JSON while it is built, so
 * that the hot path neither makes a map of it nor escapes it a second time.
 */
export class PropertiesText {
  /** The JSON-escaped text, without quotes. */
  text = '';
  /** Whether {@link text} is ASCII only, so that its length is its byte length. */
  ascii = true;
  /** Bytes of the unescaped property string. */
  bytes = 0;

  /** Appends a property; one with an empty value is left out, as readers would ignore it. */
  add(name: string, value: string): void {
    if (value === '') return;
    this.text += `${this.#escape(name)}\\u0001${this.#escape(value)}\\u0002`;
    this.bytes += 2;
  }

  #escape(text: string): string {
    if (!NOT_PLAIN.test(text)) {
      this.bytes += text.length;
      return text;
    }
    refuseSeparators(text);
    this.bytes += Buffer.byteLength(text);
    this.ascii = false;
    return JSON.stringify(text).slice(1, -1);
  }
}

/** @throws RocketMQError `INVALID_ARGUMENT` when a name or a value would end where the text doesn't */
export function refuseSeparators(text: string): void {
  if (SEPARATORS.test(text)) throw illegal(`A property's name or value can't contain U+0001 or U+0002`);
}

/** Calls `add` with every property of a message but its id, in a fixed order: the application's, then RocketMQ's. */
export function forEachProperty(message: Message, add: (name: string, value: string) => void): void {
  for (const name in message.properties) {
    if (RESERVED_PROPERTIES.has(name)) {
      throw illegal(
        `The property ${name} is RocketMQ's own: give the message's field that stands for it instead`,
      );
    }
    if (name.trim() === '') throw illegal("A property's name is empty");
    const value = message.properties[name];
    if (value !== undefined) add(name, value);
  }
  for (const name in message.systemProperties) {
    const value = message.systemProperties[name];
    if (value !== undefined && name !== MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) add(name, value);
  }
  const { keys, tags } = message;
  if (keys !== undefined) add('KEYS', typeof keys === 'string' ? keys : keys.join(' '));
  if (tags !== undefined) add('TAGS', tags);
  if (message.delayLevel) add('DELAY', String(message.delayLevel));
  if (message.delayTimeSec !== undefined) add('TIMER_DELAY_SEC', String(message.delayTimeSec));
  if (message.delayTimeMs !== undefined) add('TIMER_DELAY_MS', String(message.delayTimeMs));
  if (message.deliverTimeMs !== undefined) add('TIMER_DELIVER_MS', String(message.deliverTimeMs));
  add('WAIT', message.waitStoreMsgOK === false ? 'false' : 'true');
}

/** The properties of a message and its id as they go into a header. */
export function propertiesText(message: Message, uniqueId: string): PropertiesText {
  const text = new PropertiesText();
  forEachProperty(message, (name, value) => text.add(name, value));
  text.add('UNIQ_KEY', uniqueId);
  checkPropertiesSize(text.bytes);
  return text;
}

/** @throws RocketMQError `INVALID_ARGUMENT` when a property string is longer than a record can hold */
export function checkPropertiesSize(bytes: number): void {
  if (bytes > MAX_PROPERTIES_LENGTH) {
    throw illegal(`The properties of a message take ${bytes} bytes: the limit is ${MAX_PROPERTIES_LENGTH}`);
  }
}
