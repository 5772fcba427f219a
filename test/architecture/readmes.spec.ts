import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A part of a page, without its words: what a translation has to have as well. */
interface Block {
  readonly kind: 'heading' | 'code' | 'row' | 'item' | 'text';
  /** Where it begins. */
  readonly line: number;
  readonly content: unknown;
}

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /`([^`]+)`/g;

/** What stands the same in every language: code and links. */
function fixed(text: string): string[] {
  const code = [...text.matchAll(CODE)].map(([, code = '']) => code);
  const links = [...text.replaceAll(CODE, '').matchAll(LINK)].map(([, target = '']) => target);
  return [...code, ...links].toSorted();
}

/** The cells of a row; numbers are the same in every language, too. */
function cells(line: string): unknown[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => (/^[\s\d.,()-]+$/.test(cell) ? cell.trim().replaceAll(/\s+|-{3,}/g, ' ') : fixed(cell)));
}

/** Code, without its comments, which are translated. */
function withoutComments(line: string): string {
  return line.replace(/(^|\s)(\/\/|#) .*$/, '').trimEnd();
}

function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const blocks: Block[] = [];
  let text: { line: number; lines: string[] } | undefined;
  const endText = (): void => {
    if (text) {
      const whole = text.lines.join(' ');
      const kind = whole.startsWith('- ') ? 'item' : 'text';
      blocks.push({ kind, line: text.line, content: fixed(whole) });
    }
    text = undefined;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const [, hashes] = /^(#+) /.exec(line) ?? [];
    if (/^(#+ |```|\||- |\s*$)/.test(line)) endText();
    if (hashes !== undefined) blocks.push({ kind: 'heading', line: i + 1, content: hashes.length });
    else if (line.startsWith('```')) {
      const end = lines.indexOf('```', i + 1);
      const code = lines.slice(i, end).map(withoutComments);
      blocks.push({ kind: 'code', line: i + 1, content: code });
      i = end;
    } else if (line.startsWith('|')) blocks.push({ kind: 'row', line: i + 1, content: cells(line) });
    else if (line.trim() !== '') {
      text ??= { line: i + 1, lines: [] };
      text.lines.push(line);
    }
  }
  endText();
  return blocks;
}

describe('the documentation', () => {
  const english = 'README.md';
  const chinese = 'README.zh-CN.md';

  it('has a README that is the same in Chinese: its headings, tables, lists, code and links', () => {
    const ours = blocksOf(english).slice(1);
    const theirs = blocksOf(chinese).slice(1);
    const at = ours.findIndex(({ kind, content }, i) => {
      // Each links the other.
      if (i === 0) return false;
      return JSON.stringify([kind, content]) !== JSON.stringify([theirs[i]?.kind, theirs[i]?.content]);
    });
    const shown = (page: string, block: Block | undefined) =>
      block && { at: `${page}:${block.line}`, kind: block.kind, content: block.content };
    expect({ [english]: at < 0 ? undefined : shown(english, ours[at]) }).toEqual({
      [english]: at < 0 ? undefined : shown(chinese, theirs[at]),
    });
    expect(theirs).toHaveLength(ours.length);
  });

  it('has READMEs that link each other', () => {
    expect(blocksOf(english)[1]?.content).toEqual([chinese]);
    expect(blocksOf(chinese)[1]?.content).toEqual([english]);
  });

  it.each([english, chinese, 'docs/errors.md', 'docs/from-rocketmq-spring.md', 'docs/production.md'])(
    'links what is there: %s',
    (page) => {
      const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[^]*?```/g, '');
      const targets = [...text.matchAll(LINK)].map(([, target = '']) => target.replace(/#.*$/, ''));
      const local = targets.filter((target) => target !== '' && !/^https?:/.test(target));
      expect(local.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
    },
  );

  it('has every error code in the page on errors', () => {
    const errors = readFileSync(join(root, 'libs/runtime/src/errors.ts'), 'utf8');
    const codes = [...errors.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code);
    expect(codes).toContain('NO_ROUTE');
    const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
    expect(codes.filter((code) => !page.includes(`\n| \`${code}\``))).toEqual([]);
  });

  it('has every sample in the table of features', () => {
    const text = readFileSync(join(root, english), 'utf8');
    const samples = readdirSync(join(root, 'samples/features/src/samples'));
    expect(samples.length).toBeGreaterThan(15);
    expect(samples.filter((file) => !text.includes(`(samples/features/src/samples/${file})`))).toEqual([]);
  });
});
