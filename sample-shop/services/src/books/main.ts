import { parseArgs } from 'node:util';
import { parseDuration, sleep, systemClock } from '@nest-rocketmq/runtime';
import { openEmbedded } from '../common/database/embedded.ts';
import { readSettings, type ShopSettings } from '../common/settings/settings.ts';
import type { Books } from './books.ts';
import { checkBooks } from './check-books.ts';
import { describeBooks } from './describe-books.ts';
import { openBooks, readBooks } from './read-books.ts';

const POLL_MS = 250;

/**
 * The command: prints the books of the shop, and what of them doesn't fit together, which makes the exit status 1.
 * `--wait 30s`: give what is on its way so long to arrive.
 */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { wait: { type: 'string', default: '0s' } } });
  const { books, problems } = await booksOf(readSettings(process.env), parseDuration(values.wait));
  for (const line of describeBooks(books)) console.log(line);
  for (const problem of problems) console.error(`! ${problem}`);
  console.log(problems.length === 0 ? 'The books balance' : `The books do not balance: ${problems.length}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function booksOf(
  settings: ShopSettings,
  patience: number,
): Promise<{ books: Books; problems: string[] }> {
  const embedded =
    settings.databaseUrl === undefined ? await openEmbedded(settings.dataDirectory) : undefined;
  const database = await openBooks(settings.databaseUrl ?? embedded?.url ?? '');
  try {
    const deadline = Date.now() + patience;
    for (;;) {
      const books = await readBooks(database);
      const problems = checkBooks(books);
      if (problems.length === 0 || Date.now() >= deadline) return { books, problems };
      await sleep(systemClock, POLL_MS);
    }
  } finally {
    await database.destroy();
    await embedded?.close();
  }
}

run().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
