import type { YamlMap, YamlValue } from './simple-yaml.ts';

/** What needs no quotes to be read as the text it is, by this reader and by others. */
const PLAIN = /^[A-Za-z0-9_./][\w./|=-]*$/;
/** What YAML takes for something else than text. */
const WORDS = /^(true|false|null|yes|no|on|off|~|[-+]?[\d.]+(e[-+]?\d+)?)$/i;

/** Writes what `parseSimpleYaml` reads: block mappings and sequences, scalars in quotes wherever they need them. */
export function formatSimpleYaml(map: YamlMap): string {
  return mapping(map, '').join('\n') + '\n';
}

function mapping(map: YamlMap, indent: string): string[] {
  return [...map].flatMap(([key, value]) => {
    if (value === null) return [`${indent}${key}:`];
    if (typeof value === 'string') return [`${indent}${key}: ${scalar(key, value)}`];
    if (Array.isArray(value)) {
      return value.length === 0
        ? [`${indent}${key}: []`]
        : [`${indent}${key}:`, ...items(key, value, indent)];
    }
    return [`${indent}${key}:`, ...mapping(value, `${indent}  `)];
  });
}

function items(key: string, values: readonly YamlValue[], indent: string): string[] {
  return values.flatMap((value) => {
    if (value instanceof Map) {
      const lines = mapping(value, `${indent}  `);
      return lines.map((line, i) => (i === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line));
    }
    return [`${indent}- ${typeof value === 'string' ? scalar(key, value) : 'null'}`];
  });
}

/** Java wants its numbers and flags plain; everything that looks like one but is a text is quoted. */
function scalar(key: string, text: string): string {
  const typed = key === 'admin' || key === 'counter' || key === 'timestamp';
  const plain = PLAIN.test(text) && (typed || !WORDS.test(text));
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}
