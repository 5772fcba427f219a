import { printable } from '@nest-rocketmq/runtime';

/** A column of a table: its title after `#`, and how wide it is at least. */
export type Column = readonly [title: string, width: number];

const GAP = '  ';
/** More of a cell is left out of a table; `--format json` has all of it. */
const CELL_LENGTH = 512;

/** Where a command prints: lines for people, or one JSON document for programs. */
export class Output {
  readonly json: boolean;
  readonly #write: (text: string) => void;

  constructor(format: 'table' | 'json', write: (text: string) => void) {
    this.json = format === 'json';
    this.#write = write;
  }

  /** A line, unless the output is JSON. Control characters, which may come from a message, are escaped. */
  line(text: string): void {
    if (!this.json) this.#write(`${printable(text, Infinity)}\n`);
  }

  /** What the command gives, when the output is JSON. */
  document(value: unknown): void {
    if (this.json) this.#write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /**
   * Begins a table, as Java's tools print them: `#Title`s, cells that are padded and never cut to fit, the last as long as it is.
   * @returns prints a row; rows come out as they are known
   */
  table(columns: readonly Column[]): (cells: readonly (string | number)[]) => void {
    const row = (cells: readonly (string | number)[]): void => {
      const padded = columns.map(([, width], i) =>
        printable(String(cells[i] ?? ''), CELL_LENGTH).padEnd(width),
      );
      this.line(padded.join(GAP).trimEnd());
    };
    row(columns.map(([title]) => `#${title}`));
    return row;
  }

  /** Lines `Name:   value`, the values below each other. */
  fields(fields: readonly (readonly [name: string, value: string | number])[]): void {
    const width = Math.max(...fields.map(([name]) => name.length)) + 1;
    for (const [name, value] of fields) this.line(`${`${name}:`.padEnd(width)}${GAP}${value}`.trimEnd());
  }
}
