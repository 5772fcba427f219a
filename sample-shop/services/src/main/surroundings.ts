import { join } from 'node:path';
import { EmbeddedCluster } from '@nest-rocketmq/embedded';
import { startEmbedded, type OpenDatabase } from '../common/database/embedded.ts';
import type { ShopSettings } from '../common/settings/settings.ts';

/** Settings that have a database and a NameServer, and what was started for that. */
export interface Surroundings {
  readonly settings: ShopSettings;
  close(): Promise<void>;
}

/**
 * Starts in this process what the settings don't name: a database, a NameServer and a broker, on files in the data directory.
 * @throws what keeps them from starting: another process that uses the directory, say
 */
export async function startSurroundings(settings: ShopSettings): Promise<Surroundings> {
  const { dataDirectory } = settings;
  // The broker first: it holds a lock on its files, so that a second shop in the same directory ends here.
  const cluster =
    settings.nameServer === undefined
      ? await EmbeddedCluster.start({ storePath: join(dataDirectory, 'rocketmq') })
      : undefined;
  let database: OpenDatabase | undefined;
  try {
    if (settings.databaseUrl === undefined) database = await startEmbedded(dataDirectory);
  } catch (error) {
    await cluster?.shutdown();
    throw error;
  }
  return {
    settings: {
      ...settings,
      databaseUrl: settings.databaseUrl ?? database?.url,
      nameServer: settings.nameServer ?? cluster?.nameServer,
    },
    async close() {
      await cluster?.shutdown();
      await database?.close();
    },
  };
}
