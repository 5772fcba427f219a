import { ResetOffsetBody, ResetOffsetBodyForC, type QueueEntry } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';

/**
 * The offsets of a reset (220). Brokers send a map of queues, and a list when a tool of the C++ client asked for the reset
 * (`ResetOffsetBody`, `ResetOffsetBodyForC`).
 * @throws RocketMQError `PROTOCOL` when it is neither
 */
export function decodeResetOffsets(body: Buffer): QueueEntry<number>[] {
  try {
    return ResetOffsetBody.decode(body).offsetTable;
  } catch (error) {
    if (!(error instanceof RocketMQError) || error.code !== 'PROTOCOL') throw error;
    return ResetOffsetBodyForC.decode(body).offsetTable.map(({ offset, topic, brokerName, queueId }) => ({
      queue: { topic, brokerName, queueId },
      value: offset,
    }));
  }
}
