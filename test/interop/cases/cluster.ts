import type { JavaClient } from '../harness/java-client.ts';

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
