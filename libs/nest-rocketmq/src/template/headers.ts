import { RocketMQError } from '@nest-rocketmq/runtime';

/** A header's value; numbers and booleans are sent as text. */
export type HeaderValue = string | number | bigint | boolean;

/** Headers of a message: its user properties. */
export type MessageHeaders = Readonly<Record<string, HeaderValue | undefined>>;

/** What to use in place of a header that RocketMQ keeps for itself; the client refuses the other reserved names. */
const INSTEAD = new Map([
  ['TAGS', "the destination 'topic:tag' or the option tag"],
  ['DELAY', 'the option delay'],
  ['TIMER_DELAY_SEC', 'the option delay'],
  ['TIMER_DELAY_MS', 'the option delay'],
  ['TIMER_DELIVER_MS', 'the option deliverAt'],
  ['WAIT', 'the option waitStore'],
]);

/** Headers that set something else than a property, as in rocketmq-spring. */
export interface SpecialHeaders {
  keys?: string;
  flag?: number;
  waitStore?: boolean;
}

/**
 * Turns headers into user properties. `KEYS` (or `rocketmq_KEYS`), `FLAG` and `WAIT_STORE_MSG_OK` set the message's
 * keys, flag and wait instead, as in rocketmq-spring. Where that drops a reserved header without a word, or fails on
 * a blank one deep inside, this says which header it is and what to use. A header that is undefined is left out.
 * @throws RocketMQError `INVALID_ARGUMENT` on a reserved or blank name, or a value that can't be a property
 */
export function applyHeaders(headers: MessageHeaders, properties: Record<string, string>): SpecialHeaders {
  const special: SpecialHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (name === 'KEYS' || name === 'rocketmq_KEYS') special.keys = headerText(name, value);
    else if (name === 'FLAG') special.flag = flagOf(value);
    else if (name === 'WAIT_STORE_MSG_OK') special.waitStore = headerText(name, value) !== 'false';
    else properties[checkName(name)] = headerText(name, value);
  }
  return special;
}

function checkName(name: string): string {
  const instead = INSTEAD.get(name);
  if (instead !== undefined) throw refuse(name, `the name is RocketMQ's own: use ${instead}`);
  if (name.trim() === '') throw refuse(name, 'a name is not blank');
  return name;
}

function headerText(name: string, value: unknown): string {
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
    throw refuse(
      name,
      `a value is a string, a number or a boolean, not ${value === null ? 'null' : typeof value}`,
    );
  }
  const text = String(value);
  if (text.trim() === '') throw refuse(name, 'a value is not blank: leave the header out');
  return text;
}

function flagOf(value: unknown): number {
  const flag = Number(value);
  if (typeof value === 'boolean' || flag !== (flag | 0)) throw refuse('FLAG', 'it is a 32-bit number');
  return flag;
}

function refuse(name: string, why: string): RocketMQError {
  return new RocketMQError('INVALID_ARGUMENT', `Header ${JSON.stringify(name)} can't be sent: ${why}`);
}
