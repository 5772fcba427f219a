/** The figures of one shape on one server, one a round. */
export interface Series {
  shape: string;
  unit: string;
  server: string;
  values: number[];
}

/** The middle value; of an even number of values, the lower of the two. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/**
 * A Markdown table with a row a shape: each server's median and its spread (lowest to highest), and last the ratios of
 * ours to each of the others, of medians of the same run.
 */
export function comparison(series: Series[], ours: string, others: string[]): string {
  const servers = [ours, ...others];
  const head = ['', ...servers, ...others.map((other) => `${ours} / ${other}`)];
  const rows = [...new Set(series.map((one) => one.shape))].map((shape) => {
    const of = (server: string): Series | undefined =>
      series.find((one) => one.shape === shape && one.server === server);
    const base = median(of(ours)?.values ?? []);
    const cells = servers.map((server) => cell(of(server)));
    const ratios = others.map((other) => {
      const found = of(other);
      return found ? (base / median(found.values)).toFixed(2) : '';
    });
    return [`${shape}, ${of(ours)?.unit ?? ''}`, ...cells, ...ratios];
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell(series: Series | undefined): string {
  if (!series || series.values.length === 0) return '';
  const [low, high] = [Math.min(...series.values), Math.max(...series.values)];
  if (series.values.length === 1) return figure(low);
  return `${figure(median(series.values))} (${figure(low)} - ${figure(high)})`;
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);
}
