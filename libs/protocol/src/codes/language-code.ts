/**
 * The languages a peer may say it is written in, by their number in the binary header. The JSON header carries the
 * name. Peers older than the last entries read them as unknown, so nest-rocketmq says `OTHER`.
 */
export const LANGUAGES = [
  'JAVA',
  'CPP',
  'DOTNET',
  'PYTHON',
  'DELPHI',
  'ERLANG',
  'RUBY',
  'OTHER',
  'HTTP',
  'GO',
  'PHP',
  'OMS',
  'RUST',
  'NODE_JS',
] as const;

/** One of {@link LANGUAGES}. */
export type LanguageCode = (typeof LANGUAGES)[number];

const NUMBERS = new Map<string, number>(LANGUAGES.map((name, number) => [name, number]));

/** The number of a language in the binary header; `OTHER`'s for a name that is not one of {@link LANGUAGES}. */
export function languageNumber(name: string): number {
  return NUMBERS.get(name) ?? 7;
}

/** The name behind a number of the binary header; empty when there is no such language. */
export function languageName(number: number): string {
  return LANGUAGES[number] ?? '';
}
