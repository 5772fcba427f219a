import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseDuration } from '@nest-rocketmq/runtime';
import { openEmbedded } from '../common/database/embedded.ts';
import { readSettings, type ShopSettings } from '../common/settings/settings.ts';
import type { Books } from './books.ts';
import { checkBooks } from './check-books.ts';
import { describeBooks } from './describe-books.ts';
import { openBooks, readBooks } from './read-books.ts';

const POLL_MS = 250;

/**
 * The command: prints the books of the shop, and every line of them that doesn't fit together. `--wait 30s` gives what is on its
 * way so long to arrive.
 * @param print where the lines go
 * @returns the exit status: 0 when the books balance, else 1
 */
export async function booksCommand(
  args: string[],
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<number> {
  const { values } = parseArgs({ args, options: { wait: { type: 'string', default: '0s' } } });
  const { books, problems } = await booksOf(readSettings(environment), parseDuration(values.wait));
  for (const line of describeBooks(books)) print(line);
  for (const problem of problems) print(`! ${problem}`);
  print(
    problems.length === 0 ? 'The books balance' : `The books do not balance: ${problems.length} problems`,
  );
  return problems.length === 0 ? 0 : 1;
}

async function booksOf(
  settings: ShopSettings,
  patience: number,
): Promise<{ books: Books; problems: string[] }> {
  const { databaseUrl, dataDirectory } = settings;
  const embedded = databaseUrl === undefined ? await openEmbedded(dataDirectory) : undefined;
  const database = await openBooks(databaseUrl ?? embedded?.url ?? '');
  try {
    const deadline = Date.now() + patience;
    for (;;) {
      const books = await readBooks(database);
      const problems = checkBooks(books);
      if (problems.length === 0 || Date.now() >= deadline) return { books, problems };
      await setTimeout(POLL_MS);
    }
  } finally {
    await database.destroy();
    await embedded?.close();
  }
}
