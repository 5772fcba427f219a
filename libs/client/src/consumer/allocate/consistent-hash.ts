import { createHash } from 'node:crypto';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '../../message/message.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** Java's `MD5Hash` of `ConsistentHashRouter`: the first four bytes of the digest, the first one highest. */
function hash(text: string): number {
  return createHash('md5').update(text).digest().readUInt32BE(0);
}

/**
 * Each member owns what lies before its virtual nodes on a ring: few queues move when a member comes or goes.
 * @param virtualNodes points of a member on the ring; 10 as Java's default
 */
export function consistentHash(virtualNodes = 10): AllocateMessageQueueStrategy {
  if (!Number.isInteger(virtualNodes) || virtualNodes < 1) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      `The number of virtual nodes is ${virtualNodes}: it must be at least 1`,
    );
  }
  return {
    name: 'CONSISTENT_HASH',
    allocate(_group, clientId, queues, clientIds) {
      if (!clientIds.includes(clientId)) return [];
      const ring = clientIds
        .flatMap((id) => Array.from({ length: virtualNodes }, (_, i) => ({ id, at: hash(`${id}-${i}`) })))
        .sort((a, b) => a.at - b.at);
      const owner = (queue: MessageQueue): string | undefined => {
        const at = hash(javaText(queue));
        return (ring.find((node) => node.at >= at) ?? ring[0])?.id;
      };
      return queues.filter((queue) => owner(queue) === clientId);
    },
  };
}

/** `MessageQueue.toString()` of Java, which is what it hashes. */
function javaText(queue: MessageQueue): string {
  return `MessageQueue [topic=${queue.topic}, brokerName=${queue.brokerName}, queueId=${queue.queueId}]`;
}
