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

/** Creates a topic for one case, with {@link QUEUES} queues; cases of two client versions don't share one. */
export async function caseTopic(cluster: Cluster, client: JavaClient, name: string): Promise<string> {
  const topic = `${name}-${client.version.replaceAll('.', '_')}`;
  await client.createTopic(cluster.nameServer, cluster.brokerAddress, topic, QUEUES);
  return topic;
}
