import type { JavaClient } from '../harness/java-client.ts';
import type { ConsumeStatsRow } from '../harness/java-types.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';

/** What the cases run on. */
export interface Cluster {
  nameServer: string;
  /** Of the one broker in it. */
  brokerAddress: string;
  brokerName: string;
}

/** Queues of the topics that cases make. */
export const QUEUES = 4;

/** `m0`, `m1`, ...: bodies of test messages. */
export const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

let topics = 0;

/** Creates a topic for one try of one case, with {@link QUEUES} queues: its name begins with `name` and is its own. */
export async function caseTopic(cluster: Cluster, client: JavaClient, name: string): Promise<string> {
  const topic = `${name}-${client.version.replaceAll('.', '_')}-${++topics}`;
  await client.createTopic(cluster.nameServer, cluster.brokerAddress, topic, QUEUES);
  return topic;
}

/**
 * Waits until a group has consumed that much of each queue of a topic. A consumer that stops says what it has consumed without
 * waiting for an answer: another one that starts at once may be handed the same again.
 */
export async function groupConsumed(
  cluster: Cluster,
  client: JavaClient,
  group: string,
  topic: string,
  offset: number,
): Promise<ConsumeStatsRow[]> {
  let rows: ConsumeStatsRow[] = [];
  return until(
    `${group} stands at ${offset}`,
    async () => {
      rows = await client.consumeStats(cluster.nameServer, group, topic);
      return rows.length === QUEUES && rows.every((row) => row.consumerOffset === offset) && rows;
    },
    PATIENCE_MS,
    () => rows.map((row) => row.consumerOffset),
  );
}
