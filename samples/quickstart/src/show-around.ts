import type { INestApplicationContext } from '@nestjs/common';
import { RocketMQRegistry } from 'nest-rocketmq';
import { Journal } from './journal.ts';
import { storeFiles } from './store-files.ts';

/**
 * Says where everything is: the addresses now, the files as soon as there is something in them.
 * @param once stop when a message that failed was consumed after all
 */
export function showAround(app: INestApplicationContext, once: boolean): void {
  const journal = app.get(Journal);
  const [connection] = app.get(RocketMQRegistry).connections();
  const embedded = connection?.embedded;
  const broker = embedded ? `, broker ${embedded.brokerAddress}, both in this process` : '';
  journal.line('ready', `NameServer ${connection?.nameServer}${broker}`);

  journal.events.once('consumed', () => {
    if (embedded) void showFiles(journal, embedded.storePath);
    if (!once) journal.line('', 'an order every second from now on: stop with Ctrl-C');
  });
  journal.events.on('consumed', (attempt: number) => {
    if (once && attempt > 1) void app.close();
  });
}

async function showFiles(journal: Journal, directory: string): Promise<void> {
  journal.line('files', `in RocketMQ's own format under ${directory}`);
  for (const file of await storeFiles(directory)) journal.line('', file);
}
