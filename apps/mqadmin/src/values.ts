import { InvalidArgumentError } from 'commander';

/** A whole number from 1 on. @throws InvalidArgumentError as all of these, which commander makes a line of */
export function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}

/** A number above 0. */
export function rate(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is a number above 0.');
}

/** A time as Apache's tools take it: milliseconds since the epoch, `yyyy-MM-dd#HH:mm:ss:SSS` in local time, or `now`. */
export function time(text: string): number {
  if (text === 'now') return Date.now();
  if (/^\d+$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d\d-\d\d)#(\d\d:\d\d:\d\d):(\d{3})$/.exec(text);
  const value = match ? Date.parse(`${match[1]}T${match[2]}.${match[3]}`) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new InvalidArgumentError("It is milliseconds since the epoch, 'yyyy-MM-dd#HH:mm:ss:SSS' or 'now'.");
  }
  return value;
}

/** A time as Apache's tools print it: `yyyy-MM-dd HH:mm:ss,SSS` in local time. */
export function timeText(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${clock},${String(date.getMilliseconds()).padStart(3, '0')}`;
}
