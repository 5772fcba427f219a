import { RocketMQError } from './errors.ts';
import { printable } from './logger.ts';

/** A wrong item of a configuration: code `INVALID_CONFIG`, with the source and the key as fields. */
export class ConfigProblem extends RocketMQError {
  readonly source: string;
  readonly key: string;

  /** @param source a file's name, or what else the item came from */
  constructor(source: string, key: string, problem: string) {
    super('INVALID_CONFIG', `${source}: ${printable(key)} ${printable(problem)}`);
    this.source = source;
    this.key = key;
  }
}

const LONGEST_COMPARED = 64;

/** The known key that differs least from a wrong one, or undefined when none is near. Upper and lower case are equal. */
export function nearestKey(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > LONGEST_COMPARED) return undefined;
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const key of known) {
    if (Math.abs(key.length - wrong.length) >= least) continue;
    const distance = editDistance(wrong.toLowerCase(), key.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    best = key;
  }
  return best;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? a.length;
}
