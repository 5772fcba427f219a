const ESCAPES = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
]);

/**
 * Reads the text of a `java.util.Properties` file, which is what RocketMQ's configuration files and the bodies of its
 * configuration commands are: `key=value`, `key:value` or `key value` a line, `#` and `!` for comments, a backslash at
 * the end to go on in the next line, `\uXXXX` and the usual escapes. A later key replaces an earlier one.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const end = keyEnd(line);
    const rest = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
    properties.set(unescape(line.slice(0, end)), unescape(rest));
  }
  return properties;
}

function* logicalLines(text: string): Generator<string> {
  let open: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    // Comments and blank lines are none only where a line begins, not where one goes on.
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (open ?? '') + line;
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
      open = whole.slice(0, -1);
      continue;
    }
    open = undefined;
    if (whole !== '') yield whole;
  }
  if (open !== undefined && open !== '') yield open;
}

/** Where the key ends: at the first separator or blank that is not escaped. */
function keyEnd(line: string): number {
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? '';
    if (character === '\\') i++;
    else if ('=: \t\f'.includes(character)) return i;
  }
  return line.length;
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g,
    (_, digits: string | undefined, letter: string | undefined) =>
      digits === undefined
        ? (ESCAPES.get(letter ?? '') ?? letter ?? '')
        : String.fromCharCode(parseInt(digits, 16)),
  );
}

/**
 * Writes properties as RocketMQ's `MixAll.properties2String` does: `key=value` and a line feed each, in the order of
 * the map. As there, `#` and what Java would escape stays as it is, but backslashes and line ends are escaped so that
 * {@link parseProperties} reads back what was written.
 */
export function formatProperties(properties: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [key, value] of properties) text += `${escapeKey(key)}=${escapeValue(value)}\n`;
  return text;
}

function escapeLineEnds(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\f/g, '\\f');
}

function escapeKey(key: string): string {
  return escapeLineEnds(key)
    .replace(/[=: \t]/g, '\\$&')
    .replace(/^[#!]/, '\\$&');
}

function escapeValue(value: string): string {
  return escapeLineEnds(value).replace(/^[ \t]/, '\\$&');
}
