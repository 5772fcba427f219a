import { formatProperties } from './properties.ts';

/**
 * Sets items in the text of a properties file and leaves everything else in it, comments too, as it is.
 * Items on continued lines are not replaced but appended; the last one of a key counts.
 */
export function mergeProperties(text: string, changes: ReadonlyMap<string, string>): string {
  const left = new Map(changes);
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const merged = lines.map((line) => {
    const key = /^\s*([^\s#!=:\\]+)\s*[=:]/.exec(line)?.[1];
    const value = key === undefined || line.endsWith('\\') ? undefined : left.get(key);
    if (key === undefined || value === undefined) return line;
    left.delete(key);
    return formatItem(key, value);
  });
  for (const [key, value] of left) merged.push(formatItem(key, value));
  return `${merged.join('\n')}\n`;
}

function formatItem(key: string, value: string): string {
  return formatProperties(new Map([[key, value]])).trimEnd();
}
