import i18next from 'i18next';

/** Money as the language writes it; taken as text, so that no digit passes through a float. */
export function money(amount: string): string {
  const exact = amount as `${number}`;
  return new Intl.NumberFormat(i18next.language, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(exact);
}

/** The end of a snowflake: what a person tells orders apart by. */
export const shortId = (id: string): string => (id.length > 8 ? `…${id.slice(-6)}` : id);

/** The time of day, with milliseconds or without. */
export function clock(time: number, exact = true): string {
  return new Intl.DateTimeFormat(i18next.language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(exact && { fractionalSecondDigits: 3 }),
    hourCycle: 'h23',
  }).format(time);
}

/** A length of time in words: seconds below two minutes, minutes above. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [amount, unit] = seconds < 120 ? [seconds, 'second'] : [Math.round(seconds / 60), 'minute'];
  return new Intl.NumberFormat(i18next.language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}

/** How long after another moment: `+0.042 s`. */
export function after(time: number, start: number): string {
  const seconds = (time - start) / 1000;
  const digits = Math.abs(seconds) < 10 ? 3 : 1;
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(digits)} s`;
}
