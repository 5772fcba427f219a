import { spawnSync } from 'node:child_process';
import { driverClassPath } from '../harness/toolchain.ts';

/** The versions whose client classes are asked. */
export const GOLDEN_VERSIONS = ['4.9.8', '5.5.0'] as const;

/** A case for the Java recorder (`java/Golden.java`): what to make, and of what. */
export interface GoldenCase {
  name: string;
  kind: GoldenKind;
  inputs: Record<string, unknown>;
}

export type GoldenKind =
  | (
      | 'command'
      | 'body'
      | 'standardBody'
      | 'registerBrokerBody'
      | 'record'
      | 'batch'
      | 'messageId'
      | 'properties'
    )
  | ('hashCode' | 'crc32' | 'subscription' | 'topicCheck' | 'groupCheck');

/** One recorded result. */
export interface GoldenEntry {
  kind: GoldenKind;
  inputs: Record<string, unknown>;
  /** The bytes, lower case. */
  hex: string;
  /** The same as text, where it is text: for the reader of the file. */
  text?: string;
  /** Whose classes made it: `4.9.8`, `5.5.0`, or `4.9.8|5.5.0` when both made the same. */
  version: string;
  /** Fields among the inputs that this version doesn't have. */
  absent?: string[];
}

/** The length word and the mark of a frame, before its header. */
const FRAME_PREFIX = 8;

interface Answer {
  hex?: string;
  absent?: string[];
  error?: string;
}

/**
 * Asks the classes of both versions. A case whose results differ becomes two entries, `<name> (4.9.8)` and
 * `<name> (5.5.0)`; one that a version can't express has the other's only.
 */
export function record(cases: readonly GoldenCase[]): Record<string, GoldenEntry> {
  const [older, newer] = GOLDEN_VERSIONS.map((version) => ask(version, cases)) as [Answer[], Answer[]];
  const entries: Record<string, GoldenEntry> = {};
  cases.forEach((one, index) => {
    const [a, b] = [older[index], newer[index]] as [Answer, Answer];
    if (b.error !== undefined) throw new Error(`${one.name}: ${b.error}`);
    if (a.hex !== undefined && a.hex === b.hex) {
      entries[one.name] = entry(one, b, GOLDEN_VERSIONS.join('|'));
      return;
    }
    if (a.hex !== undefined) entries[`${one.name} (4.9.8)`] = entry(one, a, '4.9.8');
    entries[`${one.name} (5.5.0)`] = entry(one, b, '5.5.0');
  });
  return entries;
}

function entry(one: GoldenCase, answer: Answer, version: string): GoldenEntry {
  const bytes = Buffer.from(answer.hex ?? '', 'hex');
  const text = bytes.toString('utf8', one.kind === 'command' ? FRAME_PREFIX : 0);
  // oxlint-disable-next-line no-control-regex -- only what a file of JSON shows as it is
  const readable = !text.includes('\ufffd') && !/[\u0000-\u0008\u000e-\u001f]/.test(text);
  return {
    kind: one.kind,
    inputs: one.inputs,
    hex: bytes.toString('hex'),
    ...(readable && { text }),
    version,
    ...(answer.absent?.length && { absent: answer.absent }),
  };
}

function ask(version: (typeof GOLDEN_VERSIONS)[number], cases: readonly GoldenCase[]): Answer[] {
  const input = cases.map((one) => JSON.stringify({ kind: one.kind, inputs: one.inputs })).join('\n');
  const run = spawnSync(
    'java',
    ['-Xmx256m', '-Dfile.encoding=UTF-8', '-cp', driverClassPath(`client-${version}`), 'Golden'],
    { input: `${input}\n`, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 60_000 },
  );
  const lines = run.stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== cases.length) {
    throw new Error(
      `${lines.length} answers of ${cases.length} from the classes of ${version}:\n${run.stderr}`,
    );
  }
  return lines.map((line) => JSON.parse(line) as Answer);
}
