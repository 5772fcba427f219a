import { RocketMQError } from '@nest-rocketmq/runtime';
import { LineCounter, parseDocument, stringify } from 'yaml';

/** A value of a {@link parseAclYaml} document; every scalar is its text, an absent one null. */
export type YamlValue = string | null | YamlValue[] | YamlMap;
/** A mapping; a Map, so that no key of a file means anything to JavaScript. */
export type YamlMap = Map<string, YamlValue>;

/**
 * Reads an access file: its scalars as the text that stands there, so that `secretKey: 0123` keeps its zero. A file that
 * decides who may do what is not to be guessed at: what the reader only warns of, and aliases, are errors too.
 * @param source the file's name, for messages; what stands in the file is in none of them, it may be a secret
 * @throws RocketMQError `INVALID_CONFIG` naming file and line
 */
export function parseAclYaml(text: string, source: string): YamlMap {
  const lineCounter = new LineCounter();
  const problem = (what: string): RocketMQError =>
    new RocketMQError(
      'INVALID_CONFIG',
      `${source}${what}. Look for what is indented or quoted wrongly there`,
    );
  const document = parseDocument(text, {
    schema: 'failsafe',
    customTags: ['null'],
    stringKeys: true,
    prettyErrors: false,
    lineCounter,
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const { line } = lineCounter.linePos(error.pos[0]);
    const what = error.code.toLowerCase().replaceAll('_', ' ');
    throw problem(`, line ${line}: ${what}. Look for what is indented or quoted wrongly there`);
  }
  let value: unknown;
  try {
    value = document.toJS({ mapAsMap: true, maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof ReferenceError) throw problem(' has an alias (*name): write out what it stands for');
    throw cause;
  }
  if (value === null) return new Map();
  if (value instanceof Map) return value as YamlMap;
  throw problem(' must be made of `key: value`');
}

/** Writes what {@link parseAclYaml} reads as the same; Java's readers, too, take every text in it for a text. */
export function formatAclYaml(map: YamlMap): string {
  return stringify(typed(map), {
    schema: 'yaml-1.1',
    indentSeq: false,
    lineWidth: 0,
    nullStr: '',
    singleQuote: true,
    aliasDuplicateObjects: false,
  });
}

/** Java wants its numbers and flags plain; everything else, also where one should be, is a text, and quoted if it looks like one. */
function typed(value: YamlValue, key?: string): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, item]) => [name, typed(item, name)]));
  }
  if (Array.isArray(value)) return value.map((item) => typed(item));
  if (value === null) return value;
  if (key === 'admin' && /^(true|false)$/.test(value)) return value === 'true';
  if ((key === 'counter' || key === 'timestamp') && /^\d{1,15}$/.test(value)) return Number(value);
  return value;
}
