import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { RocketMQRegistry } from 'nest-rocketmq';
import { Journal } from './journal.ts';
import { storeFiles } from './store-files.ts';

/**
 * Says where everything is: the addresses now, the files when a first message has gone all the way: sent, failed,
 * and consumed when it came again.
 * @param once stop the application then
 */
export function showAround(app: INestApplicationContext, once: boolean): void {
  const journal = app.get(Journal);
  const [connection] = app.get(RocketMQRegistry).connections();
  const embedded = connection?.embedded;
  const broker = embedded ? `, broker ${embedded.brokerAddress}, both in this process` : '';
  journal.line('ready', `NameServer ${connection?.nameServer}${broker}`);

  const showFiles = async (): Promise<void> => {
    if (embedded) {
      journal.line('files', `in RocketMQ's own format under ${embedded.storePath}`);
      for (const file of await storeFiles(join(embedded.storePath, 'store'))) journal.line('', file);
    }
    if (once) await app.close();
    else journal.line('', 'an order every second from now on: stop with Ctrl-C');
  };
  journal.events.once('came-again', () => void showFiles());
}
