import { RocketMQError } from '@nest-rocketmq/runtime';

/** A value of a {@link parseSimpleYaml} document; every scalar is its text, an absent one null. */
export type YamlValue = string | null | YamlValue[] | YamlMap;
/** A mapping; a Map, so that no key of a file means anything to JavaScript. */
export type YamlMap = Map<string, YamlValue>;

interface Line {
  number: number;
  indent: number;
  text: string;
}

/**
 * Reads the part of YAML that RocketMQ's access files are written in: block mappings and sequences, plain and quoted
 * scalars on one line, sequences of scalars in brackets, comments. Whatever else YAML has is refused, with its line:
 * a file that decides who may do what is not to be guessed at.
 * @param source the file's name, for messages
 * @throws RocketMQError `INVALID_CONFIG` naming file and line
 */
export function parseSimpleYaml(text: string, source: string): YamlMap {
  return new YamlParser(text, source).document();
}

class YamlParser {
  readonly #source: string;
  readonly #lines: Line[] = [];
  #at = 0;

  constructor(text: string, source: string) {
    this.#source = source;
    text.split(/\r?\n/).forEach((raw, index) => {
      const line = withoutComment(raw).trimEnd();
      if (line.trim() === '' || (line === '---' && this.#lines.length === 0)) return;
      const body = line.trimStart();
      const number = index + 1;
      if (/^ *\t/.test(line)) throw this.#problem(number, 'is indented by a tab');
      this.#lines.push({ number, indent: line.length - body.length, text: body });
    });
  }

  document(): YamlMap {
    const [first] = this.#lines;
    if (first === undefined) return new Map();
    const value = this.#block(first.indent);
    const rest = this.#lines[this.#at];
    if (rest) throw this.#problem(rest.number, 'is indented in a way that fits nothing above');
    if (value instanceof Map) return value;
    throw this.#problem(first.number, 'must be `key: value`');
  }

  #block(indent: number): YamlMap | YamlValue[] {
    return isItem(this.#lines[this.#at]?.text ?? '') ? this.#sequence(indent) : this.#mapping(indent);
  }

  #mapping(indent: number): YamlMap {
    const map: YamlMap = new Map();
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      if (isItem(line.text)) break;
      const [, key, rest] = /^([\w.-]+)\s*:(?:\s+(.*))?$/.exec(line.text) ?? [];
      if (key === undefined) throw this.#problem(line.number, 'must be `key: value`');
      if (map.has(key)) throw this.#problem(line.number, `gives ${key} a second time`);
      this.#at++;
      map.set(key, rest === undefined || rest === '' ? this.#nested(indent) : this.#scalar(rest, line));
    }
    return map;
  }

  /** What stands below a key: deeper, or, for a sequence, at the same indentation. */
  #nested(indent: number): YamlValue {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent === indent && !isItem(next.text)) return null;
    return this.#block(next.indent);
  }

  #sequence(indent: number): YamlValue[] {
    const items: YamlValue[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      if (!isItem(line.text)) break;
      const rest = line.text.slice(1).trimStart();
      if (/^[\w.-]+\s*:(\s|$)/.test(rest)) {
        // The first key of a mapping stands behind the dash, the others below it.
        line.indent += line.text.length - rest.length;
        line.text = rest;
        items.push(this.#mapping(line.indent));
      } else {
        this.#at++;
        items.push(rest === '' ? this.#nested(indent + 1) : this.#scalar(rest, line));
      }
    }
    return items;
  }

  #scalar(text: string, line: Line): YamlValue {
    if (text.startsWith('[')) {
      const inside = /^\[(.*)\]$/.exec(text)?.[1];
      if (inside === undefined) throw this.#problem(line.number, 'has a bracket that is not closed');
      return inside.trim() === '' ? [] : inside.split(',').map((item) => this.#plain(item.trim(), line));
    }
    return this.#plain(text, line);
  }

  #plain(text: string, line: Line): string | null {
    const single = /^'((?:[^']|'')*)'$/.exec(text)?.[1];
    if (single !== undefined) return single.replaceAll("''", "'");
    const double = /^"([^"\\]*)"$/.exec(text)?.[1];
    if (double !== undefined) return double;
    if (/^["'&*!|>%@`{}[\],?]/.test(text) || /:\s|\s#/.test(text)) {
      throw this.#problem(line.number, `has a value that is not understood here. Write it in quotes`);
    }
    return text === '~' || text === 'null' ? null : text;
  }

  #problem(line: number, what: string): RocketMQError {
    return new RocketMQError('INVALID_CONFIG', `${this.#source}, line ${line} ${what}`);
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

/** A line up to a `#` that begins it or follows a space, outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quote !== '') quote = c === quote ? '' : quote;
    else if ((c === '"' || c === "'") && /[\s[,]/.test(line.charAt(i - 1))) quote = c;
    else if (c === '#' && (i === 0 || /\s/.test(line.charAt(i - 1)))) return line.slice(0, i);
  }
  return line;
}
